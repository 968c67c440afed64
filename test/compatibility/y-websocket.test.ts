import { describe, expect, it } from 'vitest';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { StockClient, stockProviders, type StockVersion } from '../support/client.ts';
import { until } from '../support/until.ts';

describe.each(Object.keys(stockProviders) as StockVersion[])('y-websocket %s', (version) => {
  it('[YWS1] two stock clients type together, and a third joins', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const settings = { url: server.yjs, document: 'notes/today', version };
    using anna = await new StockClient(settings).synced();
    using ben = await new StockClient(settings).synced();
    anna.text.insert(0, 'hello');
    await until('ben has it', () => ben.text.toJSON() === 'hello');
    ben.text.insert(5, ' world');
    await until('anna has it', () => anna.text.toJSON() === 'hello world');
    using cleo = await new StockClient(settings).synced();
    expect(cleo.text.toJSON()).toBe('hello world');
  });

  it('[YWS2] what was typed is there after the server is killed and started again', async () => {
    using folder = temporaryFolder();
    const server = await ServerProcess.start({ data: folder.path });
    const settings = { url: server.yjs, document: 'notes/today', version };
    using anna = await new StockClient(settings).synced();
    using ben = await new StockClient(settings).synced();
    anna.text.insert(0, 'before');
    await until('ben has it', () => ben.text.toJSON() === 'before');
    await server.end('SIGKILL');
    anna.text.insert(6, ', offline');
    await using again = await server.restart();
    await until('ben has what was typed meanwhile', () => ben.text.toJSON() === 'before, offline');
    using cleo = await new StockClient({ ...settings, url: again.yjs }).synced();
    expect(cleo.text.toJSON()).toBe('before, offline');
  });

  it('[PRS1] cursors appear, and disappear with their client', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const settings = { url: server.yjs, document: 'notes/today', version };
    using anna = await new StockClient(settings).synced();
    const ben = await new StockClient(settings).synced();
    ben.provider.awareness.setLocalStateField('user', { name: 'Ben' });
    const seen = (): unknown => anna.provider.awareness.getStates().get(ben.doc.clientID)?.['user'];
    await until('anna sees ben', () => seen() !== undefined);
    expect(seen()).toEqual({ name: 'Ben' });
    ben[Symbol.dispose]();
    await until('anna sees ben no more', () => !anna.provider.awareness.getStates().has(ben.doc.clientID));
  });
});
