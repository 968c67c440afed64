// Commits that fail in a real server: because another process has the database refuse them, and because the disk is full.
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { StockClient } from '../support/client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { failedCommits, metric } from '../support/metric.ts';
import { OtherWriter } from '../support/other-writer.ts';
import { containsAll, storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';
import { hearEachOther, WatchedClient } from '../support/witness.ts';

const document = 'notes/today';

it('[DUR3] [DUR4] what cannot be committed comes back to nobody, and arrives on the same connections once it can', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using anna = join(server);
  using ben = join(server);
  await until('both are synced', () => anna.provider.synced && ben.provider.synced);
  anna.text.insert(0, 'before');
  await until('ben has it', () => ben.text.toJSON() === 'before');
  using other = new OtherWriter(folder.path);
  other.refuse();
  await until('anna has her own back', () => anna.witness.clockOf(anna.doc.clientID) === 6);
  const requests = [anna, ben].map(({ witness }) => witness.requests);

  anna.text.insert(6, ', while');
  ben.text.insert(0, 'just ');
  await until('a commit of each has failed', async () => (await failedCommits(server)) >= 2);
  await until('both are asked again', () =>
    [anna, ben].every(({ witness }, index) => witness.requests > requests[index]!),
  );
  await hearEachOther(anna, ben);
  expect(anna.witness.clockOf(anna.doc.clientID)).toBe(6);
  expect(ben.witness.clockOf(ben.doc.clientID)).toBe(0);
  expect(anna.text.toJSON()).toBe('before, while');
  expect(ben.text.toJSON()).toBe('just before');
  using cleo = join(server);
  await until('cleo is synced', () => cleo.provider.synced);
  expect(cleo.text.toJSON()).toBe('before');

  other.allow();
  const all = 'just before, while';
  await until('everybody has everything', () => [anna, ben, cleo].every(({ text }) => text.toJSON() === all));
  await until('it came back', () => anna.witness.clockOf(anna.doc.clientID) === 13);
  expect([anna, ben, cleo].map(({ witness }) => witness.connections)).toEqual([1, 1, 1]);
  await server.end('SIGKILL');
  expect(storedDocument(folder.path, document).getText('content').toJSON()).toBe(all);
});

it('[DUR5] an update that a second client repeats while its commit is under way fails with it, and is asked for again', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using ben = join(server);
  using cleo = join(server);
  using anna = join(server);
  await until('all are synced', () => [anna, ben, cleo].every(({ provider }) => provider.synced));
  // The first commit makes what anna and ben are about to say a commit of its own.
  cleo.text.insert(0, 'before');
  await until('all have it', () => [anna, ben].every(({ text }) => text.toJSON() === 'before'));
  const update = typedElsewhere(cleo.doc, ' and after');

  using other = new OtherWriter(folder.path);
  // The server's commit waits for this transaction, and is then refused by what it brings.
  other.hold();
  other.refuse();
  Y.applyUpdate(anna.doc, update, 'typed');
  await until('it waits for its commit', async () => (await metric(server, 'queued_bytes')) > 0);
  const repeated = await metric(server, 'updates_noop_total');
  Y.applyUpdate(ben.doc, update, 'typed');
  await until('it is repeated', async () => (await metric(server, 'updates_noop_total')) > repeated);
  other.letGo();
  await until('the commit has failed', async () => (await failedCommits(server)) > 0);
  // From now on ben alone can say it.
  anna.provider.disconnect();
  expect(cleo.text.toJSON()).toBe('before');

  other.allow();
  await until('cleo has it', () => cleo.text.toJSON() === 'before and after');
  await until('ben has it back', () => containsAll(received(ben), [update]));
  expect([ben, cleo].map(({ witness }) => witness.connections)).toEqual([1, 1]);
  await server.end('SIGKILL');
  expect(containsAll(storedDocument(folder.path, document), [update])).toBe(true);
});

// The limit is the shell's, which Windows does not have.
it.skipIf(process.platform === 'win32')(
  '[DUR2] [DUR3] on a full disk the server goes on reading, keeps what came back, and takes the rest when there is room',
  async () => {
    using folder = temporaryFolder();
    await using full = await ServerProcess.start({
      data: folder.path,
      shellPrefix: 'trap "" XFSZ; ulimit -f 400;',
    });
    using anna = join(full);
    using ben = join(full);
    await until('both are synced', () => anna.provider.synced && ben.provider.synced);
    const page = 'a page of text '.repeat(500);
    let pages = 0;
    await until('the disk is full', async () => {
      anna.text.insert(0, page);
      pages++;
      return (await failedCommits(full)) > 0;
    });
    expect((await fetch(`${full.http}/livez`)).status).toBe(200);
    expect((await fetch(`${full.http}/readyz`)).status).toBe(503);
    await hearEachOther(anna, ben);
    const held = ben.text.length;
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(pages * page.length);
    using cleo = join(full);
    await until('cleo is synced', () => cleo.provider.synced);
    expect(cleo.text.toJSON()).toBe(ben.text.toJSON());
    const cameBack = Y.encodeStateAsUpdate(received(anna));
    expect(await full.end()).toEqual({ code: 0, signal: null });
    expect(containsAll(storedDocument(folder.path, document), [cameBack])).toBe(true);

    await using roomy = await ServerProcess.start({ data: folder.path, port: full.port });
    await until('ben has everything', () => ben.text.length === pages * page.length);
    using dora = await new StockClient({ url: roomy.yjs, document }).synced();
    expect(dora.text.toJSON()).toBe(anna.text.toJSON());
  },
);

function join({ yjs }: ServerProcess): WatchedClient {
  return new WatchedClient({ url: yjs, document });
}

/** An update on top of a document, made by somebody who has no connection. */
function typedElsewhere(doc: Y.Doc, letters: string): Uint8Array {
  const elsewhere = new Y.Doc();
  Y.applyUpdate(elsewhere, Y.encodeStateAsUpdate(doc));
  const before = Y.encodeStateVector(elsewhere);
  const text = elsewhere.getText('content');
  text.insert(text.length, letters);
  return Y.encodeStateAsUpdate(elsewhere, before);
}

/** What the server has sent a client, without what the client knew itself. */
function received({ witness }: WatchedClient): Y.Doc {
  const doc = new Y.Doc();
  for (const update of witness.received) Y.applyUpdate(doc, update);
  return doc;
}
