// A Y.Doc as content.
import { fingerprint, hashDeletions } from '@syncline/shared';
import * as Y from 'yjs';
import type { Content } from '../sync/content.ts';

export function yjsContent(doc: Y.Doc): Content {
  /** Marks what comes from the server, which is not to be sent back. */
  const origin = {};
  /** Whether what comes may bring in what came by another way before it, and waited for it: the server has not seen that. */
  let completesOthers = false;
  let isChanging = false;
  const hasGaps = (): boolean => doc.store.pendingStructs !== null || doc.store.pendingDs !== null;
  const waiting = (): Uint8Array => Y.encodeStateAsUpdate(doc, Y.encodeStateVector(doc));
  const deletions = (): Uint8Array => hashDeletions(deletedClocks(doc));
  return {
    engine: 'yjs',
    get isEmpty() {
      return doc.store.clients.size === 0 && !hasGaps();
    },
    get hasGaps() {
      return hasGaps();
    },
    get isChanging() {
      return isChanging;
    },
    request: () => Y.encodeStateVector(doc),
    deletions,
    fingerprint: () => fingerprint(Y.decodeStateVector(Y.encodeStateVector(doc)), deletions()),
    lacking: (request) => {
      const update = Y.encodeStateAsUpdate(doc, request);
      return isNothing(update) ? [] : [update];
    },
    whole: () => [Y.encodeStateAsUpdate(doc)],
    apply: (updates) => {
      completesOthers = hasGaps();
      const errors: unknown[] = [];
      const tried = (action: () => void): void => {
        try {
          action();
        } catch (error) {
          errors.push(error);
        }
      };
      // One that yjs rejects takes nobody else's along.
      tried(() =>
        doc.transact(() => {
          for (const update of updates) tried(() => Y.applyUpdate(doc, update, origin));
          // Of what waits yjs takes more for missing than is: applied once more, what can be shown is.
          if (hasGaps()) tried(() => Y.applyUpdate(doc, waiting(), origin));
        }, origin),
      );
      if (errors.length > 0) throw errors[0];
    },
    merge,
    listen: ({ edited, changed }) => {
      const begin = (): void => void (isChanging = true);
      const forward = (update: Uint8Array, from: unknown): void => {
        if (from !== origin || completesOthers) edited(update);
      };
      const end = (): void => {
        isChanging = false;
        changed();
      };
      doc.on('beforeAllTransactions', begin);
      doc.on('update', forward);
      doc.on('afterAllTransactions', end);
      return () => {
        doc.off('beforeAllTransactions', begin);
        doc.off('update', forward);
        doc.off('afterAllTransactions', end);
      };
    },
  };
}

function merge(updates: readonly Uint8Array[]): readonly Uint8Array[] {
  try {
    return [Y.mergeUpdates([...updates])];
  } catch {
    // It only saves work: what yjs can write and not read again goes out as it is.
    return updates;
  }
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
