// Somebody types a whole text into an Automerge document, and the server is killed on the way.
import * as A from '@automerge/automerge';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BothClient, storedNotes } from '../support/automerge-client.ts';
import { syncline } from '../support/command.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { readAuthoredTrace } from '../support/trace.ts';
import { until } from '../support/until.ts';

const document = 'notes/a component';
const trace = readAuthoredTrace();
/** As many transactions of the trace are one change: a change by itself costs Automerge as much as the text is long. */
const inOneChange = 20;

it(`[SDK1] [SDK15] [CNV1] [DUR7] a text that is typed into an Automerge document (${trace.origin}) is exactly that on the disk and for others`, async () => {
  using folder = temporaryFolder();
  await using first = await ServerProcess.start({ data: folder.path });
  await using anna = new BothClient({ url: first.sync });
  const notes = anna.notes(document);
  notes.change((doc) => {
    doc.text = '';
  });
  const turns = Math.ceil(trace.transactions.length / inOneChange);
  const type = async (from: number, to: number): Promise<void> => {
    for (let turn = from; turn < to; turn++) {
      const patches = trace.transactions.slice(turn * inOneChange, (turn + 1) * inOneChange).flat();
      notes.change((doc) => {
        for (const [at, deleted, inserted] of patches) A.splice(doc, ['text'], at, deleted, inserted);
      });
      await setImmediate();
    }
  };
  const half = Math.floor(turns / 2);
  await type(0, half);
  await notes.saved();
  const { text } = notes.current;
  await first.end('SIGKILL');
  expect(storedNotes(folder.path, document).text === text).toBe(true);
  await anna.reaches('waiting');
  await type(half, half + 20);
  await using server = await first.restart();
  await using ben = new BothClient({ url: server.sync });
  const his = ben.notes(document);
  await type(half + 20, turns);
  await notes.saved();
  expect(notes.current.text === trace.endContent).toBe(true);
  await until('ben has it', () => his.current.text === trace.endContent);
  const { stdout, ...ran } = await syncline(['export', document, '--data', folder.path]);
  expect(ran).toEqual({ status: 0, stderr: '' });
  expect((JSON.parse(stdout) as { text: string }).text === trace.endContent).toBe(true);
  expect([anna.reported, ben.reported]).toEqual([[], []]);
});
