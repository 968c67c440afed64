import { readFileSync } from 'node:fs';
import { maxQueuedBytesOfChannel } from '@syncline/server/core/limits.ts';
import * as Y from 'yjs';
import { expect, it } from 'vitest';
import { metric } from '../support/metric.ts';
import { OtherWriter } from '../support/other-writer.ts';
import { RawClient } from '../support/raw-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const megabyte = 1024 * 1024;
/** What twenty people paste in a minute; kept for one reader it would double the server's memory. */
const loadMegabytes = 240;
const slotBytes = 32 * 1024;
const maxStallMs = 2_000;

/** Somebody who overwrites the same few slots: much is sent, and little is left of it. */
class Overwriter {
  readonly document = new Y.Doc();
  writtenBytes = 0;

  *write(bytes: number): Generator<Uint8Array> {
    const slots = this.document.getMap<string>('slots');
    let update: Uint8Array | undefined;
    this.document.on('update', (each: Uint8Array) => (update = each));
    for (let written = 0; written < bytes; written += slotBytes) {
      const count = this.writtenBytes / slotBytes;
      slots.set(`slot ${count % 20}`, `${count} `.padEnd(slotBytes, 'abcdefg'));
      this.writtenBytes += slotBytes;
      yield update!;
    }
  }
}

function slotsOf(document: Y.Doc): unknown {
  return document.getMap('slots').toJSON();
}

/** Whether something comes about while commits are held up, for less time than it takes until they fail. */
async function isSoDuringStall(disk: OtherWriter, isSo: () => Promise<boolean>): Promise<boolean> {
  const endMs = performance.now() + maxStallMs;
  disk.hold();
  try {
    while (performance.now() < endMs) if (await isSo()) return true;
    return false;
  } finally {
    disk.letGo();
  }
}

function residentMegabytes({ pid }: ServerProcess): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line![1]) / 1024;
}

/** The highest of what `read` gives while `work` runs. */
async function highestDuring(read: () => number | Promise<number>, work: Promise<void>): Promise<number> {
  let highest = await read();
  let isOver = false;
  void work.finally(() => (isOver = true)).catch(() => {});
  await until(
    'the work is done',
    async () => {
      highest = Math.max(highest, await read());
      return isOver;
    },
    100_000,
  );
  await work;
  return highest;
}

it('[DOC1] [DOC2] [DOC5] a reader that stops reading costs no memory, and catches up when it reads on', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const author = new Overwriter();
  // It asks for nothing, so that nothing of the load comes back to it.
  using writer = await RawClient.open(server.yjs, 'slots');
  // What a server has in memory that has worked: threads, compiled code, buffers.
  await writer.pour(author.write(10 * megabyte));
  using reader = await (await RawClient.join(server.yjs, 'slots')).answered();
  const applied = (): Promise<number> => metric(server, 'updates_applied_total');
  const readerHasAll = (): Promise<void> => {
    const wanted = JSON.stringify(slotsOf(author.document));
    return until('the reader has all', () => JSON.stringify(slotsOf(reader.document())) === wanted);
  };
  await readerHasAll();
  const before = { bytes: reader.receivedBytes, written: author.writtenBytes };
  const compactionsBefore = await metric(server, 'compactions_total{outcome="done"}');

  reader.socket.pause();
  const startMegabytes = residentMegabytes(server);
  const load = writer
    .pour(author.write(loadMegabytes * megabyte))
    .then(() =>
      until('the load is stored', async () => (await applied()) === author.writtenBytes / slotBytes, 60_000),
    );
  const highest = await highestDuring(() => residentMegabytes(server), load);
  // The outbox holds 1 MiB. The rest is the garbage of what was read, checked and compacted, some 100 MB whatever the load.
  expect(highest - startMegabytes).toBeLessThan(loadMegabytes * 0.9);
  const compactions = (await metric(server, 'compactions_total{outcome="done"}')) - compactionsBefore;
  expect(compactions).toBeGreaterThan(0);
  expect(reader.receivedBytes).toBe(before.bytes);

  reader.socket.resume();
  await readerHasAll();
  expect(Y.encodeStateVector(reader.document())).toEqual(Y.encodeStateVector(author.document));
  // The log no longer went back to where it stood: it was sent what the snapshot holds, and not what was overwritten.
  expect(reader.receivedBytes - before.bytes).toBeLessThan((author.writtenBytes - before.written) / 2);
  expect(reader.ended).toBeUndefined();
  const last = [...author.write(slotBytes)];
  await writer.pour(last);
  await until('and is live again', () =>
    Buffer.from(reader.bodies('update').at(-1)!).equals(Buffer.from(last[0]!)),
  );
});

it('[DOC6] a writer that is faster than the disk is read no faster than it, and loses nothing', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const author = new Overwriter();
  using writer = await RawClient.open(server.yjs, 'slots');
  using reader = await (await RawClient.join(server.yjs, 'slots')).answered();
  await writer.pour(author.write(megabyte));
  using disk = new OtherWriter(folder.path);
  const queued = (): Promise<number> => metric(server, 'queued_bytes');
  const pouring = writer.pour(author.write(60 * megabyte));
  let highest = 0;
  for (let stall = 0; stall < 3; stall++) {
    const isHeldBack = async (): Promise<boolean> => {
      highest = Math.max(highest, await queued());
      return highest > maxQueuedBytesOfChannel && writer.socket.bufferedAmount > 0;
    };
    await until('the session is held back', () => isSoDuringStall(disk, isHeldBack), 40_000);
  }
  highest = Math.max(highest, await highestDuring(queued, pouring));
  // One over the bound, one read of the socket more, and one that is counted twice while it goes from check to commit.
  expect(highest).toBeLessThan(2 * maxQueuedBytesOfChannel);
  const wanted = JSON.stringify(slotsOf(author.document));
  await until('nothing is lost', () => JSON.stringify(slotsOf(reader.document())) === wanted, 60_000);
  expect(await metric(server, 'updates_applied_total')).toBe(author.writtenBytes / slotBytes);
  expect(writer.ended ?? reader.ended).toBeUndefined();
  await until('nothing waits', async () => (await queued()) === 0);
});
