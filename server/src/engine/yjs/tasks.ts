// What needs a live Y.Doc or a long walk: run in a worker, under a deadline. Pure functions of bytes.
import * as Y from 'yjs';
import type { Compaction, ExportFormat, Stored } from '../../port/engine.ts';
import { bundle } from './bundle.ts';
import { causalOrder } from './causal-order.ts';
import { cutIntoChunks, encodeDeletions } from './causal-chunks.ts';
import { checkUpdate } from './check.ts';
import { BoundaryHash } from './digest.ts';
import { HeldSet } from './held-set.ts';
import { asSummary } from './summary.ts';

/**
 * `check` gives a YjsSummary, `diff` the pieces that are not empty, `version` an encoded held set, `compact` and `fold` a
 * Compaction, `export` a text.
 */
export type Task =
  | { readonly kind: 'check'; readonly update: Uint8Array }
  | { readonly kind: 'diff'; readonly request: Uint8Array; readonly updates: readonly Uint8Array[] }
  | { readonly kind: 'version' | 'compact' | 'fold'; readonly stored: Stored; readonly digestKey: Uint8Array }
  | { readonly kind: 'export'; readonly stored: Stored; readonly format: ExportFormat };

export function runTask(task: Task): unknown {
  switch (task.kind) {
    case 'check':
      return checkUpdate(task.update);
    case 'diff':
      return task.updates
        .map((update) => Y.diffUpdate(update, task.request))
        .filter((update) => !isEmpty(update));
    case 'version':
      return heldSet(task.stored, [], task.digestKey).encode();
    case 'fold':
      return fold(task.stored, task.digestKey);
    case 'compact':
      return compact(task.stored, task.digestKey);
    case 'export':
      return exportDocument(task.stored, task.format);
  }
}

/** An update without structs and deletions is two zeros. */
export function isEmpty(update: Uint8Array): boolean {
  return update.length === 2 && update[0] === 0 && update[1] === 0;
}

export function compact(stored: Stored, digestKey: Uint8Array): Compaction {
  const { document, rejected } = load(stored);
  const held = heldSet(stored, rejected, digestKey);
  // The document's own delete set has deletions that nobody declared: the losers of a map key, what lies in a deleted
  // parent. Every reader derives them again; writing them down would change the digest with nothing having happened.
  const chunks = cutIntoChunks(Y.encodeStateAsUpdate(document));
  assertHolds(chunks, held, digestKey);
  chunks.push(encodeDeletions(held.deleted));
  return { version: held.encode(), chunks, rejected, digest: held.digest() };
}

/** A snapshot of a document that costs too much to be built: what is stored, as it is, with the tail behind it. */
export function fold(stored: Stored, digestKey: Uint8Array): Compaction {
  const held = heldSet(stored, [], digestKey);
  const chunks = [...stored.chunks.slice(0, -1), ...bundle(stored.tail), encodeDeletions(held.deleted)];
  return { version: held.encode(), chunks, rejected: [], digest: held.digest() };
}

function heldSet(stored: Stored, rejected: readonly number[], digestKey: Uint8Array): HeldSet {
  const hash = new BoundaryHash(digestKey);
  const held = stored.version ? HeldSet.decode(stored.version, hash) : new HeldSet(hash);
  stored.tail.forEach((update, index) => {
    if (!rejected.includes(index)) held.add(asSummary(checkUpdate(update)));
  });
  return held;
}

/** Nothing is removed on the word of the encoder: what the new chunks hold is read back from their bytes. */
function assertHolds(chunks: readonly Uint8Array[], held: HeldSet, digestKey: Uint8Array): void {
  const read = new HeldSet(new BoundaryHash(digestKey));
  for (const chunk of chunks) read.add(asSummary({ ...checkUpdate(chunk), deleted: [] }));
  const wanted = new HeldSet(new BoundaryHash(digestKey));
  for (const [client, { bounds }] of held.held) {
    for (let at = 0; at < bounds.length; at += 2) {
      wanted.add(asSummary({ held: [client, bounds[at]!, bounds[at + 1]!], deleted: [], refersTo: [] }));
    }
  }
  if (Buffer.compare(read.digest(), wanted.digest()) !== 0) {
    throw new Error('a compaction would change what the document holds');
  }
}

function load(stored: Stored): { document: Y.Doc; rejected: number[] } {
  const hash = new BoundaryHash(new Uint8Array(16));
  const before = stored.version ? HeldSet.decode(stored.version, hash) : new HeldSet(hash);
  let accepted = causalOrder(stored.tail, before);
  const rejected: number[] = [];
  for (;;) {
    const tail = accepted.map((index) => stored.tail[index]!);
    const document = apply([...stored.chunks, ...tail]);
    if (document) return { document, rejected };
    const culprit = accepted[firstRejected(stored.chunks, tail)]!;
    rejected.push(culprit);
    accepted = accepted.filter((index) => index !== culprit);
  }
}

/** The index of the update with which a prefix of the tail first fails, by bisection. */
function firstRejected(chunks: readonly Uint8Array[], tail: readonly Uint8Array[]): number {
  if (!apply(chunks)) throw new Error('the engine rejects the snapshot itself');
  let applies = 0;
  let fails = tail.length;
  while (fails - applies > 1) {
    const middle = (applies + fails) >>> 1;
    if (apply([...chunks, ...tail.slice(0, middle)])) applies = middle;
    else fails = middle;
  }
  return fails - 1;
}

function apply(updates: readonly Uint8Array[]): Y.Doc | undefined {
  const document = new Y.Doc();
  try {
    document.transact((transaction) => {
      for (const update of updates) Y.applyUpdate(document, update);
      applyPending(document);
      // After a remote transaction yjs tidies formatting, and what it tidies depends on the order of arrival.
      transaction.local = true;
    });
    return document;
  } catch {
    return undefined;
  }
}

/** yjs tries again when a clock that is missed arrives, but not when two updates that are pending complete each other. */
function applyPending(document: Y.Doc): void {
  const pending = document.store.pendingStructs;
  if (pending === null) return;
  document.store.pendingStructs = null;
  Y.applyUpdateV2(document, pending.update);
}

function exportDocument(stored: Stored, format: ExportFormat): string {
  const { document } = load(stored);
  const content = Object.fromEntries(
    [...document.share.keys()].toSorted().map((name) => [name, contentOf(document, name)]),
  );
  if (format === 'json') return JSON.stringify(content, plain, 2);
  return Object.values(content)
    .filter((value) => typeof value === 'string')
    .join('\n');
}

/** What JSON has no form for: a large integer and bytes become text, a subdocument its guid. */
function plain(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  if (original instanceof Y.Doc) return { guid: original.guid };
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64');
  return typeof value === 'bigint' ? value.toString() : value;
}

/** A root type is stored without its kind; what lies in it tells. */
function contentOf(document: Y.Doc, name: string): unknown {
  const children = Y.getTypeChildren(document.share.get(name)!);
  if (children.length === 0) return document.getMap(name).toJSON();
  const isText = children.some(
    ({ content }) =>
      content instanceof Y.ContentString ||
      content instanceof Y.ContentFormat ||
      content instanceof Y.ContentEmbed,
  );
  if (isText) return document.getText(name).toJSON();
  const isXml = children.some(
    ({ content }) =>
      content instanceof Y.ContentType &&
      (content.type instanceof Y.XmlElement ||
        content.type instanceof Y.XmlText ||
        content.type instanceof Y.XmlHook),
  );
  return isXml ? document.getXmlFragment(name).toJSON() : document.getArray(name).toJSON();
}
