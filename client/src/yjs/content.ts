// A Y.Doc as content.
import { fingerprint, hashDeletions } from '@syncline/shared';
import * as Y from 'yjs';
import type { Content } from '../sync/content.ts';

export function yjsContent(doc: Y.Doc): Content {
  /** Marks what comes from the server, which is not to be sent back. */
  const origin = {};
  const deletions = (): Uint8Array => hashDeletions(deletedClocks(doc));
  return {
    get isEmpty() {
      return doc.store.clients.size === 0;
    },
    request: () => Y.encodeStateVector(doc),
    deletions,
    fingerprint: () => fingerprint(Y.decodeStateVector(Y.encodeStateVector(doc)), deletions()),
    lacking: (request) => {
      const update = Y.encodeStateAsUpdate(doc, request);
      return isNothing(update) ? undefined : update;
    },
    apply: (updates) =>
      doc.transact(() => {
        for (const update of updates) Y.applyUpdate(doc, update, origin);
      }, origin),
    merge: (updates) => (updates.length === 1 ? updates[0]! : Y.mergeUpdates([...updates])),
    onEdit: (listener) => {
      const forward = (update: Uint8Array, from: unknown): void => {
        if (from !== origin) listener(update);
      };
      doc.on('update', forward);
      return () => doc.off('update', forward);
    },
  };
}

/** An update without structs and deletions is two zeros. */
function isNothing(update: Uint8Array): boolean {
  return update.length === 2 && update[0] === 0 && update[1] === 0;
}

/** Adjacent ranges are one: a document and a server cut them differently. */
function* deletedClocks(doc: Y.Doc): Generator<readonly [number, number[]]> {
  for (const [client, ranges] of Y.createDeleteSetFromStructStore(doc.store).clients) {
    const clocks: number[] = [];
    for (const { clock, len } of ranges) {
      if (clocks.at(-1) === clock) clocks[clocks.length - 1] = clock + len;
      else clocks.push(clock, clock + len);
    }
    yield [client, clocks];
  }
}
