import * as Y from 'yjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rootNames, sameOrigin, scatteredDeletions } from '../support/bombs.ts';
import { Bystanders } from '../support/bystanders.ts';
import { metric } from '../support/metric.ts';
import { RawClient } from '../support/raw-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

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

/** A bomb costs others no more than this: a check, a commit, and the page that somebody opens meanwhile. */
const mostMs = 1_000;

function hello(): Uint8Array {
  const document = new Y.Doc();
  document.getText('content').insert(0, 'hello');
  return Y.encodeStateAsUpdate(document);
}

async function applied(updates: number): Promise<void> {
  await until(
    'the updates are stored',
    async () => (await metric(server, 'updates_applied_total')) >= updates,
  );
}

it('[ENG2] an update that costs every reader half a minute costs nobody here anything', async () => {
  const bomb = sameOrigin(20_000);
  const { slowestMs } = await Bystanders.during(server, async () => {
    using sender = await (await RawClient.join(server.yjs, 'square')).answered();
    sender.update(bomb);
    await until(
      'it is found costly',
      async () => (await metric(server, 'compactions_total{outcome="costly"}')) === 1,
    );
    sender.update(hello());
    await until(
      'its document is served as it is stored',
      async () => (await metric(server, 'notices_total{event="document-costly"}')) === 1,
    );
    using reader = await (await RawClient.join(server.yjs, 'square')).answered();
    // Not a byte is missing, and the document goes on.
    expect(reader.bodies('update').map((body) => Buffer.from(body))).toContainEqual(Buffer.from(bomb));
    sender.update(hello());
    const before = reader.frames.length;
    await until('the next update comes', () => reader.frames.length > before);
    expect(sender.ended ?? reader.ended).toBeUndefined();
  });
  expect(slowestMs).toBeLessThan(mostMs);
});

it('[ENG2] 70,000 root names, spread over updates, cost nobody here anything', async () => {
  const bombs = Array.from({ length: 70 }, (_, at) => rootNames(at * 1_000, 1_000));
  const { slowestMs } = await Bystanders.during(server, async () => {
    using sender = await (await RawClient.join(server.yjs, 'names')).answered();
    const before = await metric(server, 'updates_applied_total');
    for (const bomb of bombs) sender.update(bomb);
    await applied(before + bombs.length);
    using reader = await (await RawClient.join(server.yjs, 'names')).answered();
    expect(reader.receivedBytes).toBeGreaterThan(70_000);
    expect(sender.ended ?? reader.ended).toBeUndefined();
  });
  expect(slowestMs).toBeLessThan(mostMs);
});

it('[CHK2] 1,001 root names in one update are refused at their sender', async () => {
  using sender = await (await RawClient.join(server.yjs, 'names')).answered();
  sender.update(rootNames(0, 1_001));
  expect((await sender.closed).code).toBe(4422);
});

it('[CHK3] as many deletions as nobody makes are refused at their sender, and less cost nobody here anything', async () => {
  const { slowestMs } = await Bystanders.during(server, async () => {
    using sender = await (await RawClient.join(server.yjs, 'deletions')).answered();
    const before = await metric(server, 'updates_applied_total');
    sender.update(scatteredDeletions(200_000));
    await applied(before + 1);
    sender.update(scatteredDeletions(1_000_000));
    expect((await sender.closed).code).toBe(4423);
  });
  expect(slowestMs).toBeLessThan(mostMs);
});
