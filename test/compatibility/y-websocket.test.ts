// Stock providers of each version against a real server: every scenario with every version. What a title says in front of its
// second colon is a column of docs/compatibility.md.
import { readAuthMessage } from 'y-protocols/auth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StockClient, stockProviders, type StockVersion } from '../support/client.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';
const largeBytes = 5_000_000;
const paragraphBytes = 1_000;

describe.each(Object.keys(stockProviders) as StockVersion[])('%s', (version) => {
  const client = `y-websocket ${version}`;
  let folder: ReturnType<typeof temporaryFolder>;
  let server: ServerProcess;

  beforeAll(async () => {
    folder = temporaryFolder();
    server = await ServerProcess.start({ data: folder.path });
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it(`[YWS1] ${client}: join, edit both ways: two type together, and a third is sent all of it`, async () => {
    const settings = { url: server.yjs, document: 'notes/joined', version };
    using anna = await new StockClient(settings).synced();
    using ben = await new StockClient(settings).synced();
    anna.text.insert(0, 'hello');
    await until('ben has it', () => ben.text.toJSON() === 'hello');
    ben.text.insert(5, ' world');
    await until('anna has it', () => anna.text.toJSON() === 'hello world');
    using cleo = await new StockClient(settings).synced();
    expect(cleo.text.toJSON()).toBe('hello world');
  });

  it(`[YWS1] ${client}: offline edits and reconnect: what was typed and deleted on both sides is exchanged`, async () => {
    const settings = { url: server.yjs, document: 'notes/apart', version };
    using anna = await new StockClient(settings).synced();
    using ben = await new StockClient(settings).synced();
    anna.text.insert(0, 'hello world');
    await until('ben has it', () => ben.text.toJSON() === 'hello world');
    anna.provider.disconnect();
    anna.text.insert(11, ', she says');
    ben.text.delete(0, 6);
    using cleo = await new StockClient(settings).synced();
    await until('cleo has what ben did', () => cleo.text.toJSON() === 'world');
    expect(anna.text.toJSON()).toBe('hello world, she says');
    anna.provider.connect();
    for (const each of [anna, ben, cleo])
      await until('everybody has everything', () => each.text.toJSON() === 'world, she says');
  });

  it(`[YWS2] ${client}: server SIGKILL and restart: what was typed is there, before and meanwhile`, async () => {
    using own = temporaryFolder();
    const killed = await ServerProcess.start({ data: own.path });
    const settings = { url: killed.yjs, document, version };
    using anna = await new StockClient(settings).synced();
    using ben = await new StockClient(settings).synced();
    anna.text.insert(0, 'before');
    await until('ben has it', () => ben.text.toJSON() === 'before');
    await killed.end('SIGKILL');
    anna.text.insert(6, ', offline');
    await using again = await killed.restart();
    await until('ben has what was typed meanwhile', () => ben.text.toJSON() === 'before, offline');
    using cleo = await new StockClient({ ...settings, url: again.yjs }).synced();
    expect(cleo.text.toJSON()).toBe('before, offline');
  });

  it(`[PRS1] ${client}: presence both ways: cursors appear, and disappear with their client`, async () => {
    const settings = { url: server.yjs, document: 'notes/seen', version };
    using anna = await new StockClient(settings).synced();
    const ben = await new StockClient(settings).synced();
    ben.provider.awareness.setLocalStateField('user', { name: 'Ben' });
    anna.provider.awareness.setLocalStateField('user', { name: 'Anna' });
    const seen = (by: StockClient, of: StockClient): unknown =>
      by.provider.awareness.getStates().get(of.doc.clientID)?.['user'];
    await until('anna sees ben', () => seen(anna, ben) !== undefined);
    await until('ben sees anna', () => seen(ben, anna) !== undefined);
    expect([seen(anna, ben), seen(ben, anna)]).toEqual([{ name: 'Ben' }, { name: 'Anna' }]);
    ben[Symbol.dispose]();
    await until('anna sees ben no more', () => !anna.provider.awareness.getStates().has(ben.doc.clientID));
  });

  it(`[YWS5] ${client}: 5 MB document: is taken in, and sent to who joins before and after a restart`, async () => {
    using own = temporaryFolder();
    const first = await ServerProcess.start({ data: own.path });
    const settings = { url: first.yjs, document, version };
    using anna = await new StockClient(settings).synced();
    using witness = await new StockClient(settings).synced();
    const paragraphs = (of: StockClient) => of.doc.getArray<string>('paragraphs');
    anna.doc.transact(() => {
      for (let at = 0; at < largeBytes / paragraphBytes; at++)
        paragraphs(anna).push([`${at} `.padEnd(paragraphBytes, 'x')]);
    });
    await until('it is taken in', () => paragraphs(witness).length === paragraphs(anna).length);
    using ben = await new StockClient(settings).synced();
    expect(paragraphs(ben).toJSON()).toEqual(paragraphs(anna).toJSON());
    await first.end();
    await using again = await first.restart();
    using cleo = await new StockClient({ ...settings, url: again.yjs }).synced();
    expect(paragraphs(cleo).toJSON()).toEqual(paragraphs(anna).toJSON());
  });

  it(`[ACC4] ${client}: read-only: is sent everything, and told why when it writes, of which nothing is kept`, async () => {
    await using guarded = await GuardedServer.start();
    const { key, server: lets, data } = guarded;
    const settings = { url: lets.yjs, document, version };
    using anna = await new StockClient({ ...settings, token: key.sign({ write: ['notes/*'] }) }).synced();
    anna.text.insert(0, 'hello');
    using ben = new StockClient({ ...settings, token: key.sign({ subject: 'ben', read: ['notes/*'] }) });
    const reasons: string[] = [];
    ben.provider.messageHandlers[2] = (_, decoder, provider) =>
      readAuthMessage(decoder, provider.doc, (_doc, reason) => reasons.push(reason));
    let code: number | undefined;
    ben.provider.on('connection-close', (event) => (code ??= event?.code));
    await until('ben is sent it', () => ben.text.toJSON() === 'hello');
    expect(code).toBeUndefined();
    ben.text.insert(0, 'mine ');
    await until('ben is told', () => code !== undefined);
    ben.provider.disconnect();
    expect([code, reasons[0]]).toEqual([4403, expect.stringContaining('no grant')]);
    anna.text.insert(5, ' again');
    using cleo = await new StockClient({ ...settings, token: key.sign({ read: ['notes/*'] }) }).synced();
    await until('everybody else goes on', () => cleo.text.toJSON() === 'hello again');
    await lets.end();
    expect(storedDocument(data, document).getText('content').toJSON()).toBe('hello again');
  });
});
