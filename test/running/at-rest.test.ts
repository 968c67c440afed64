// What a server takes up on the disk once everybody has gone.
import { statSync } from 'node:fs';
import { maxRestingLogBytes } from '@syncline/server/store/upkeep.ts';
import { expect, it } from 'vitest';
import { StockClient } from '../support/client.ts';
import { metric } from '../support/metric.ts';
import { SeededRandom } from '../support/random.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { databaseFile } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';

const updates = 200;
const updateBytes = 8 * 1024;

it('[STO9] a data folder at rest holds its documents, no log, and little room', async () => {
  using folder = temporaryFolder();
  const database = databaseFile(folder.path);
  const logBytes = (): number => statSync(`${database}-wal`).size;
  let written: string;
  {
    await using server = await ServerProcess.start({ data: folder.path });
    {
      using anna = await new StockClient({ url: server.yjs, document: 'a' }).synced();
      const random = new SeededRandom(1);
      for (let update = 0; update < updates; update++) anna.text.insert(0, letters(random));
      written = anna.text.toJSON();
      await until('all is stored', async () => (await metric(server, 'updates_applied_total')) === updates);
    }
    expect(logBytes()).toBeGreaterThan(maxRestingLogBytes);
    await until('the log is emptied', () => logBytes() === 0);
    // Tail and snapshot would be twice that.
    expect(statSync(database).size).toBeLessThan(1.5 * written.length);
    await server.end('SIGKILL');
  }
  await using again = await ServerProcess.start({ data: folder.path });
  using ben = await new StockClient({ url: again.yjs, document: 'a' }).synced();
  expect(ben.text.toJSON()).toBe(written);
});

function letters(random: SeededRandom): string {
  return Array.from({ length: updateBytes }, () => String.fromCharCode(97 + random.below(26))).join('');
}
