// What a write does to the rows of a document, within its transaction.
import { isStill, type Plan, planWrite } from '../local/plan.ts';
import type { KeptDocument, LocalWrite, LocalWritten, Mark } from '../local/store.ts';
import { entriesBehind, entriesThrough, type DocumentRow, type Transaction, unsavedOf } from './schema.ts';

type Writing = Transaction<'readwrite'>;

export async function writeDocument(transaction: Writing, write: LocalWrite): Promise<LocalWritten> {
  const { document, engine, mark } = write;
  const row = await transaction.objectStore('documents').get(document);
  const plan = planWrite(row, write);
  if (plan.is !== 'planned') return plan;
  const { life, from, updates, snapshot } = plan;
  const through = from + updates.length;
  // Before anything is asked for that is not waited for at once.
  const kept = snapshot ? await tailBehind(transaction, document, snapshot.through) : row?.tail;
  const unsavedChanges = await unsavedRequests(transaction, write);
  const next: DocumentRow = {
    engine,
    life,
    through,
    snapshot: snapshot ? { through: snapshot.through } : row?.snapshot,
    tail: {
      entries: (kept?.entries ?? 0) + updates.length,
      bytes: (kept?.bytes ?? 0) + bytesOf(updates),
    },
    mark: mark ? ownMark(mark) : row?.mark,
  };
  await all([
    () => transaction.objectStore('documents').put(next, document),
    ...contentRequests(transaction, document, plan),
    ...unsavedChanges,
  ]);
  return { is: 'written', life, through };
}

export async function forgetDocument(transaction: Writing, document: string): Promise<void> {
  await all([
    () => transaction.objectStore('documents').delete(document),
    () => transaction.objectStore('snapshots').delete(document),
    () => transaction.objectStore('entries').delete(entriesThrough(document, Number.POSITIVE_INFINITY)),
    () => transaction.objectStore('unsaved').delete(unsavedOf(document)),
  ]);
}

function contentRequests(transaction: Writing, document: string, plan: Plan): (() => Promise<unknown>)[] {
  const { from, updates, snapshot } = plan;
  const entries = transaction.objectStore('entries');
  const added = updates.map((update, index) => () => entries.add(own(update), [document, from + index + 1]));
  if (!snapshot) return added;
  return [
    () => entries.delete(entriesThrough(document, snapshot.through)),
    () => transaction.objectStore('snapshots').put(snapshot.bytes.map(own), document),
    ...added,
  ];
}

async function unsavedRequests(
  transaction: Writing,
  { document, unsaved, saved = [] }: LocalWrite,
): Promise<(() => Promise<unknown>)[]> {
  const store = transaction.objectStore('unsaved');
  const kept = await Promise.all(saved.map(({ tab }) => store.get([document, tab])));
  const gone = saved.filter((each, index) => isStill(kept[index], each)).map(({ tab }) => tab);
  if (unsaved?.edits === 0) gone.push(unsaved.tab);
  const requests: (() => Promise<unknown>)[] = gone.map((tab) => () => store.delete([document, tab]));
  if (unsaved && unsaved.edits > 0) requests.push(() => store.put(unsaved, [document, unsaved.tab]));
  return requests;
}

/** Those that a snapshot leaves: what others added while it was made, so they are few. */
async function tailBehind(
  transaction: Writing,
  document: string,
  through: number,
): Promise<KeptDocument['tail']> {
  const entries = await transaction.objectStore('entries').getAll(entriesBehind(document, through));
  return { entries: entries.length, bytes: bytesOf(entries) };
}

/** Asks for all at once. A request may throw as it is made: those made before it fail with the transaction, and are heard as well. */
async function all(requests: readonly (() => Promise<unknown>)[]): Promise<void> {
  await Promise.all(requests.map(async (request) => request()));
}

function bytesOf(updates: readonly Uint8Array[]): number {
  return updates.reduce((bytes, { length }) => bytes + length, 0);
}

/** A part of a larger buffer would be stored with all of it, and one of WebAssembly's memory may not be stored at all. */
function own(bytes: Uint8Array): Uint8Array {
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
    ? bytes
    : bytes.slice();
}

function ownMark({ resume, incarnation }: Mark): Mark {
  if (!resume) return { resume, incarnation };
  return { resume: { ...resume, replica: own(resume.replica), epoch: own(resume.epoch) }, incarnation };
}
