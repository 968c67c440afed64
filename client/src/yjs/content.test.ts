import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { yjsContent } from './content.ts';

function twoEdits(): [first: Uint8Array, second: Uint8Array] {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update) => updates.push(update));
  doc.getText('content').insert(0, 'one');
  doc.getText('content').insert(3, ' two');
  return [updates[0]!, updates[1]!];
}

/** Everything that a document tells of its changes, in order. */
function heardOf(doc: Y.Doc): { readonly log: (Uint8Array | 'changed')[]; readonly end: () => void } {
  const log: (Uint8Array | 'changed')[] = [];
  const end = yjsContent(doc).listen({
    edited: (update) => log.push(update),
    changed: () => log.push('changed'),
  });
  return { log, end };
}

describe('a Y.Doc as content', () => {
  it('[SDK2] shows what lacks nothing any more, though what came with it still waits', () => {
    const [doc, one, other] = [new Y.Doc(), new Y.Doc(), new Y.Doc()];
    [one.clientID, other.clientID] = [1, 2];
    const typed: Uint8Array[] = [];
    one.on('update', (update: Uint8Array) => typed.push(update));
    one.getText('content').insert(0, 'a');
    Y.applyUpdate(other, typed[0]!);
    const answer = Y.encodeStateVector(other);
    other.getText('content').insert(1, 'b');
    one.getMap('map').set('lacking', 1);
    one.getMap('map').set('lacking', 2);
    const content = yjsContent(doc);
    content.apply([Y.mergeUpdates([Y.encodeStateAsUpdate(other, answer), typed[2]!])]);
    content.apply([typed[0]!]);
    expect(doc.getText('content').toJSON()).toBe('ab');
    expect(content.hasGaps).toBe(true);
  });

  it('[SDK2] tells what is made here, and not what comes from the server', () => {
    const doc = new Y.Doc();
    const content = yjsContent(doc);
    const edits: Uint8Array[] = [];
    content.listen({ edited: (update) => edits.push(update), changed: () => {} });
    const [first, second] = twoEdits();
    content.apply([first]);
    expect(edits).toEqual([]);
    Y.applyUpdate(doc, second, 'another provider');
    doc.getText('content').insert(7, ' three');
    expect(edits).toHaveLength(2);
    const reader = new Y.Doc();
    for (const update of [first, ...edits]) Y.applyUpdate(reader, update);
    expect(reader.getText('content').toJSON()).toBe('one two three');
  });

  it('[SDK2] tells what waited here for something that the server brings', () => {
    const doc = new Y.Doc();
    const content = yjsContent(doc);
    const edits: Uint8Array[] = [];
    content.listen({ edited: (update) => edits.push(update), changed: () => {} });
    const [first, second] = twoEdits();
    Y.applyUpdate(doc, second, 'another provider');
    expect(edits).toEqual([]);
    content.apply([first]);
    expect(edits).toHaveLength(1);
    const reader = new Y.Doc();
    Y.applyUpdate(reader, edits[0]!);
    expect(reader.getText('content').toJSON()).toBe('one two');
    content.apply([second]);
    expect(edits).toHaveLength(1);
  });

  it('[SDK6] is changing from the start of a transaction until its observers have been called', () => {
    const doc = new Y.Doc();
    const content = yjsContent(doc);
    const { log } = heardOf(doc);
    content.listen({ edited: () => {}, changed: () => {} });
    const seen: boolean[] = [content.isChanging];
    doc.getText('content').observe(() => seen.push(content.isChanging));
    doc.transact(() => {
      seen.push(content.isChanging);
      doc.getText('content').insert(0, 'typed');
    });
    seen.push(content.isChanging);
    expect(seen).toEqual([false, true, true, false]);
    expect(log).toEqual([expect.any(Uint8Array), 'changed']);
  });

  it('[SDK8] tells nothing more when that has been ended', () => {
    const doc = new Y.Doc();
    const { log, end } = heardOf(doc);
    end();
    doc.getText('content').insert(0, 'typed');
    expect(log).toEqual([]);
  });

  it('marks what comes from the server as made elsewhere, in one transaction', () => {
    const doc = new Y.Doc();
    const isLocal: boolean[] = [];
    doc.getText('content').observe((_, transaction) => isLocal.push(transaction.local));
    yjsContent(doc).apply(twoEdits());
    expect(isLocal).toEqual([false]);
  });

  it('[SDK3] gives what a holder lacks, deletions included, and nothing when that is nothing', () => {
    const doc = new Y.Doc();
    const content = yjsContent(doc);
    expect(content.isEmpty).toBe(true);
    expect(content.lacking(Y.encodeStateVector(new Y.Doc()))).toEqual([]);
    doc.getText('content').insert(0, 'one two');
    const holder = new Y.Doc();
    Y.applyUpdate(holder, content.lacking(Y.encodeStateVector(holder))[0]!);
    expect(content.lacking(Y.encodeStateVector(holder))).toEqual([]);
    doc.getText('content').delete(0, 4);
    Y.applyUpdate(holder, content.lacking(Y.encodeStateVector(holder))[0]!);
    expect(holder.getText('content').toJSON()).toBe('two');
    expect(content.isEmpty).toBe(false);
  });

  it('has a fingerprint of what it holds and not of how it came to hold it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), fc.nat(60), fc.boolean()), { maxLength: 40 }), (edits) => {
        const updates = typedBy(edits);
        const [inTurn, atOnce, backwards] = [new Y.Doc(), new Y.Doc(), new Y.Doc({ gc: false })];
        for (const update of updates) Y.applyUpdate(inTurn, update);
        yjsContent(atOnce).apply(updates);
        yjsContent(backwards).apply(updates.toReversed());
        const [one, ...others] = [inTurn, atOnce, backwards].map((doc) => yjsContent(doc).fingerprint());
        for (const other of others) expect(other).toEqual(one);
        inTurn.getText('content').insert(0, 'x');
        expect(yjsContent(inTurn).fingerprint()).not.toEqual(one);
      }),
      { numRuns: 50 },
    );
  });
});

/** Three people type and erase in one text, each told at once of what the others do. */
function typedBy(
  edits: readonly (readonly [author: number, at: number, isErasing: boolean])[],
): Uint8Array[] {
  const docs = [1, 2, 3].map((clientID) => Object.assign(new Y.Doc(), { clientID }));
  const updates: Uint8Array[] = [];
  for (const doc of docs) {
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === 'told') return;
      updates.push(update);
      for (const other of docs) if (other !== doc) Y.applyUpdate(other, update, 'told');
    });
  }
  for (const [author, at, isErasing] of edits) {
    const text = docs[author]!.getText('content');
    if (isErasing && text.length > 0) text.delete(at % text.length, 1);
    else text.insert(at % (text.length + 1), 'ab');
  }
  return updates;
}
