// What a reader of a document sees, in a form that can be compared.
import * as Y from 'yjs';
import { openRoots } from './editing.ts';

/**
 * A document that has received these updates in turn, within one transaction that counts as local: after each remote one
 * yjs tidies formatting, and what it tidies, and then sees, depends on the order of arrival.
 */
export function readerOf(...updates: readonly Uint8Array[]): Y.Doc {
  const reader = new Y.Doc();
  openRoots(reader);
  reader.transact((transaction) => {
    for (const update of updates) Y.applyUpdate(reader, update);
    applyPending(reader);
    transaction.local = true;
  });
  return reader;
}

/** yjs tries again when a clock that is missed arrives, but not when two updates that are pending complete each other. */
function applyPending(reader: Y.Doc): void {
  const pending = reader.store.pendingStructs;
  if (pending === null) return;
  reader.store.pendingStructs = null;
  Y.applyUpdateV2(reader, pending.update);
}

export function contentOf(document: Y.Doc): unknown {
  const { text, map, array, xml } = openRoots(document);
  return { text: plain(text), map: plain(map), array: plain(array), xml: plain(xml) };
}

function plain(value: unknown): unknown {
  if (value instanceof Y.Doc)
    return { guid: value.guid, autoLoad: value.autoLoad, meta: value.meta as unknown };
  if (value instanceof Y.XmlElement) {
    return { name: value.nodeName, attributes: value.getAttributes(), children: value.toArray().map(plain) };
  }
  if (value instanceof Y.Text) return spans(value.toDelta() as Span[]);
  if (value instanceof Y.Map)
    return Object.fromEntries(
      [...value.entries()].toSorted(byKey).map(([key, inner]) => [key, plain(inner)]),
    );
  if (value instanceof Y.Array || value instanceof Y.XmlFragment) return value.toArray().map(plain);
  return value;
}

interface Span {
  readonly insert: unknown;
  readonly attributes?: Record<string, unknown>;
}

/** Formatting that is written down twice, or opened and closed around nothing, cannot be seen. */
function spans(delta: readonly Span[]): unknown[] {
  const joined: { insert: unknown; attributes: string }[] = [];
  for (const { insert, attributes = {} } of delta) {
    const key = JSON.stringify(Object.entries(attributes).toSorted(byKey));
    const last = joined.at(-1);
    if (last?.attributes === key && typeof insert === 'string' && typeof last.insert === 'string')
      last.insert += insert;
    else joined.push({ insert: plain(insert), attributes: key });
  }
  return joined;
}

function byKey([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : 1;
}
