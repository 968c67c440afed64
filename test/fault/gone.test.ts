import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { StockClient } from '../support/client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const documents = 20;

it('[DOC8] what a stock client has sent is there, however fast it goes afterwards', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const text = 'x'.repeat(30_000);
  for (let at = 0; at < documents; at++) {
    const client = await new StockClient({ url: server.yjs, document: `import-${at}` }).synced();
    client.text.insert(0, text);
    // What the provider has handed over is flushed by the close that follows it.
    client[Symbol.dispose]();
  }
  for (let at = 0; at < documents; at++) {
    using reader = await new StockClient({ url: server.yjs, document: `import-${at}` }).synced();
    await until('all of it is there', () => reader.text.toJSON() === text);
    expect(Y.encodeStateVector(reader.doc).length).toBeGreaterThan(1);
  }
});
