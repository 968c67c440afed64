// Automerge documents that are edited without a server, and what it costs to agree again.
import { cpSync, rmSync } from 'node:fs';
import * as A from '@automerge/automerge';
import { minTailEntriesAtRest } from '@syncline/server/core/limits.ts';
import { expect, it } from 'vitest';
import { append, begun, BothClient, type Notes, storedNotes } from '../support/automerge-client.ts';
import { metric } from '../support/metric.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';
const changes = 5_000;

/** Without who is present. */
function ofContent(said: readonly string[]): string[] {
  return said.filter((say) => say !== 'presence');
}

/** A document of so many changes. */
function long(): A.Doc<Notes> {
  let doc = begun();
  for (let change = 1; change < changes; change++)
    doc = A.change(doc, (notes) => A.splice(notes, ['text'], notes.text.length, 0, String(change % 10)));
  return doc;
}

it('[NAT15] [SDK2] [SDK3] of 5,000 changes each side is sent the one that it lacks, in one round trip, after a blip and in a new life', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using link = await SlowProxy.open({ port: server.port });
  await using anna = new BothClient({ url: link.sync });
  await using ben = new BothClient({ url: server.sync });
  const hers = anna.notes(document, long());
  await hers.saved();
  const his = ben.notes(document);
  await his.synced();
  expect(his.current.text).toHaveLength(changes - 1);

  link.down();
  await anna.reaches('waiting');
  append(hers, 'anna');
  append(his, 'ben');
  await his.saved();
  anna.traffic();
  link.up();
  await Promise.all([hers.saved(), hers.synced()]);
  await until('they agree', () => A.equals(hers.current, his.current));
  // By position, and without a question.
  const blip = anna.traffic();
  expect(ofContent(blip.sent)).toEqual(['hello', 'open', 'updates', 'verify']);
  expect(new Set(ofContent(blip.received))).toEqual(new Set(['welcome', 'updates', 'caughtUp', 'stored']));
  expect(blip.bytes).toBeLessThan(4_096);

  // As an app keeps it, and edits it before it is opened again.
  const kept = A.change(A.load<Notes>(A.save(hers.current)), (notes) =>
    A.splice(notes, ['text'], 0, 0, 'kept'),
  );
  append(his, 'more');
  await his.saved();
  await using cleo = new BothClient({ url: server.sync });
  const later = cleo.notes(document, kept);
  await Promise.all([later.saved(), later.synced()]);
  await until('they agree, too', () => A.equals(later.current, his.current));
  const life = cleo.traffic();
  console.info(`after a blip ${blip.bytes} bytes, in a new life ${life.bytes} bytes`);
  expect(life.bytes).toBeLessThan(4_096);
  expect(ofContent(life.sent).slice(0, 4)).toEqual(['hello', 'open', 'compare', 'updates']);
  expect(ofContent(life.received).slice(0, 3)).toEqual(['welcome', 'ask', 'answer']);
  expect(storedNotes(folder.path, document)).toEqual(his.current);
  expect(later.current.text.startsWith('kept')).toBe(true);
});

it('[SDK2] [SDK4] both sides write through kills of the server, and each line is there once for both', async () => {
  using folder = temporaryFolder();
  await using running = {
    server: await ServerProcess.start({ data: folder.path }),
    async [Symbol.asyncDispose]() {
      await this.server.end('SIGKILL');
    },
  };
  await using anna = new BothClient({ url: running.server.sync });
  await using ben = new BothClient({ url: running.server.sync });
  const hers = anna.notes(document, begun());
  await hers.saved();
  const his = ben.notes(document);
  await his.synced();
  const said: string[] = [];
  const say = (to: typeof hers, line: string): void => {
    said.push(line);
    to.change((notes) => void notes.lines.push(line));
  };
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
    // On its way when the server goes.
    say(hers, `anna at ${said.length}`);
    say(his, `ben at ${said.length}`);
    await running.server.end(signal);
    await Promise.all([anna.reaches('waiting'), ben.reaches('waiting')]);
    say(hers, `anna without a server ${said.length}`);
    say(his, `ben without a server ${said.length}`);
    running.server = await running.server.restart();
    await Promise.all([hers.saved(), his.saved()]);
    await until('both have every line', () =>
      [hers, his].every(({ current }) => current.lines.length === said.length),
    );
  }
  expect(new Set(hers.current.lines)).toEqual(new Set(said));
  expect(his.current).toEqual(hers.current);
  expect(storedNotes(folder.path, document)).toEqual(hers.current);
});

it('[SDK2] [SDK14] what is typed before the first connect is sent on it in few messages, and stands in the document once', async () => {
  using folder = temporaryFolder();
  await using first = await ServerProcess.start({ data: folder.path });
  await first.end();
  await using anna = new BothClient({ url: first.sync });
  const notes = anna.notes(document);
  const edits = 1_000;
  for (let edit = 0; edit < edits; edit++) {
    append(notes, `${edit},`);
    expect(notes.status.uploads.edits).toBe(edit + 1);
  }
  await using server = await first.restart();
  await notes.saved();
  expect(anna.traffic().sent.length).toBeLessThan(edits / 20);
  expect(storedNotes(folder.path, document)).toEqual(notes.current);
  expect(server.port).toBe(first.port);
});

it('[SDK3] [DUR7] a server that went back in time is given again what a client holds', async () => {
  using folder = temporaryFolder();
  using backup = temporaryFolder();
  await using first = await ServerProcess.start({ data: folder.path });
  await using anna = new BothClient({ url: first.sync });
  const notes = anna.notes(document, begun());
  append(notes, 'in the copy');
  await notes.saved();
  await first.end();
  await anna.reaches('waiting');
  cpSync(folder.path, backup.path, { recursive: true });
  await using second = await first.restart();
  append(notes, ', and lost with the disk');
  await notes.saved();
  await notes.synced();
  await second.end('SIGKILL');
  await anna.reaches('waiting');
  rmSync(folder.path, { recursive: true });
  cpSync(backup.path, folder.path, { recursive: true });
  expect(storedNotes(folder.path, document).text).toBe('in the copy');
  await using restored = await second.restart();
  await until(
    'it is there again',
    () => storedNotes(folder.path, document).text === 'in the copy, and lost with the disk',
  );
  await notes.saved();
  await using ben = new BothClient({ url: restored.sync });
  const his = ben.notes(document);
  await his.synced();
  expect(his.current).toEqual(notes.current);
});

it('[SDK2] [SDK16] what waits for something is taken in with it, whoever brings the one and the other', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const base = begun();
  const one = A.change(A.clone(base), (notes) => void notes.lines.push('one'));
  const two = A.change(one, (notes) => void notes.lines.push('two'));
  const last = A.getLastLocalChange(two)!;
  await using anna = new BothClient({ url: server.sync });
  await using ben = new BothClient({ url: server.sync });
  // She has the second without the first, which is his.
  const hers = anna.notes(document, A.loadIncremental(A.clone(base), last));
  await hers.saved();
  expect(hers.current.lines).toEqual([]);
  const his = ben.notes(document, A.load<Notes>(A.save(one)));
  await his.saved();
  await until('she has both', () => hers.current.lines.length === 2);
  await until('he has both', () => his.current.lines.length === 2);
  await hers.saved();
  expect(storedNotes(folder.path, document).lines).toEqual(['one', 'two']);
});

it('[NAT5] [SDK3] after a compaction a position that it has passed is answered with what is lacking', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using link = await SlowProxy.open({ port: server.port });
  await using anna = new BothClient({ url: link.sync });
  await using ben = new BothClient({ url: server.sync });
  const hers = anna.notes(document, begun());
  await hers.saved();
  const his = ben.notes(document);
  await his.synced();
  link.down();
  await anna.reaches('waiting');
  append(hers, 'offline');
  for (let edit = 0; edit < minTailEntriesAtRest; edit++) {
    append(his, '.');
    await his.saved();
  }
  await until('it is compacted', async () => (await metric(server, 'compactions_total{outcome="done"}')) > 0);
  link.up();
  await hers.saved();
  await until('they agree', () => A.equals(hers.current, his.current));
  expect(hers.current.text).toHaveLength('offline'.length + minTailEntriesAtRest);
  expect([anna.reported, ben.reported]).toEqual([[], []]);
});
