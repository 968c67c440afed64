import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { cutIntoChunks, encodeDeletions } from './causal-chunks.ts';
import { checkUpdate } from './check.ts';
import { Ranges } from './ranges.ts';

/** An edit by one of three people, who before it may receive what another has. */
interface Step {
  readonly author: number;
  readonly from: number;
  readonly kind: 'type' | 'erase' | 'set' | 'nest';
  readonly at: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  author: fc.nat(2),
  from: fc.nat(2),
  kind: fc.constantFrom('type', 'type', 'type', 'erase', 'set', 'nest'),
  at: fc.nat(100),
});
const steps = fc.array(step, { minLength: 10, maxLength: 60, size: 'max' });

it('[ENG4] a reader of the chunks in turn never has one pending, and ends with the whole', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 200 }), (history, maxBytes) => {
      const { whole } = replay(history);
      const reader = new Y.Doc();
      for (const chunk of cutIntoChunks(whole, maxBytes)) {
        Y.applyUpdate(reader, chunk);
        expect(reader.store.pendingStructs).toBeNull();
        expect(checkUpdate(chunk).deleted).toEqual([]);
      }
      Y.applyUpdate(reader, deletionsOf(whole));
      expect(content(reader)).toEqual(content(readerOf(whole)));
      expect(reader.store.pendingDs).toBeNull();
    }),
  );
});

it('[ENG4] a chunk is full before the next begins', () => {
  const { whole } = replay(
    Array.from({ length: 60 }, (_, at): Step => ({ author: at % 3, from: (at + 1) % 3, kind: 'type', at })),
  );
  const chunks = cutIntoChunks(whole, 100);
  expect(chunks.length).toBeGreaterThan(3);
  for (const chunk of chunks.slice(0, -1)) expect(chunk.length).toBeGreaterThan(100);
  for (const chunk of chunks) expect(chunk.length).toBeLessThan(200);
});

it('[ENG4] what was pasted in one go is cut as well, and no letter with it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 400, size: 'max' }),
      fc.integer({ min: 1, max: 100 }),
      (pasted, maxBytes) => {
        const author = new Y.Doc();
        author.getText('text').insert(0, pasted);
        const chunks = cutIntoChunks(Y.encodeStateAsUpdate(author), maxBytes);
        expect(chunks.length).toBeGreaterThanOrEqual(pasted.length / (maxBytes + 1));
        // Up to three bytes for a letter, and a struct's own.
        for (const chunk of chunks) expect(chunk.length).toBeLessThan(maxBytes * 5 + 64);
        const reader = readerOf(...chunks);
        expect(reader.getText('text').toJSON()).toBe(author.getText('text').toJSON());
        expect(Y.encodeStateVector(reader)).toEqual(Y.encodeStateVector(author));
      },
    ),
  );
});

it('[ENG4] gaps and what waits behind them survive the cut', () => {
  fc.assert(
    fc.property(
      steps,
      fc.infiniteStream(fc.boolean()),
      fc.integer({ min: 1, max: 200 }),
      (history, lost, maxBytes) => {
        const { updates } = replay(history);
        const missing = updates.filter(() => lost.next().value!);
        const partial = Y.encodeStateAsUpdate(readerOf(...updates.filter((each) => !missing.includes(each))));
        const chunks = cutIntoChunks(partial, maxBytes);
        expect(heldClocks(...chunks)).toEqual(heldClocks(partial));
        const reader = readerOf(...chunks, deletionsOf(partial));
        expect(content(reader)).toEqual(content(readerOf(partial)));
        // Merged: yjs does not see when two updates that are pending complete each other.
        const whole = readerOf(Y.mergeUpdates([...chunks, deletionsOf(partial), ...missing]));
        expect(content(whole)).toEqual(content(readerOf(...updates)));
      },
    ),
  );
});

it('[ENG4] a circle of references ends, and everything in it is written', () => {
  const circle = Y.mergeUpdates([itemAfter(1, 2), itemAfter(2, 3), itemAfter(3, 1)]);
  const chunks = cutIntoChunks(circle, 1);
  expect(chunks).toHaveLength(3);
  expect(heldClocks(...chunks)).toEqual(['1 0', '2 0', '3 0']);
  expect(readerOf(...chunks).store.pendingStructs).not.toBeNull();
});

function replay(history: readonly Step[]): { whole: Uint8Array; updates: Uint8Array[] } {
  const updates: Uint8Array[] = [];
  const people = [11, 4_000_000_000, 7].map((id) => {
    const document = new Y.Doc();
    document.clientID = id;
    document.on('update', (update: Uint8Array, _origin, _document, { local }: Y.Transaction) => {
      if (local) updates.push(update);
    });
    return document;
  });
  for (const each of history) {
    const author = people[each.author]!;
    Y.applyUpdate(author, Y.encodeStateAsUpdate(people[each.from]!));
    edit(author, each);
  }
  return { whole: Y.encodeStateAsUpdate(readerOf(...updates)), updates };
}

function edit(document: Y.Doc, { kind, at }: Step): void {
  const text = document.getText('text');
  const map = document.getMap('map');
  if (kind === 'type') text.insert(at % (text.length + 1), `word ${at}`);
  else if (kind === 'erase')
    text.delete(Math.min(at, text.length), Math.min(3, Math.max(0, text.length - at)));
  else if (kind === 'set') map.set(`key ${at % 3}`, at);
  else map.set(`key ${at % 3}`, Y.Array.from([at]));
}

function readerOf(...updates: Uint8Array[]): Y.Doc {
  const reader = new Y.Doc();
  for (const update of updates) Y.applyUpdate(reader, update);
  return reader;
}

function deletionsOf(update: Uint8Array): Uint8Array {
  const deleted = new Map<number, Ranges>();
  const triples = checkUpdate(update).deleted;
  for (let at = 0; at < triples.length; at += 3) {
    const ranges = deleted.get(triples[at]!) ?? new Ranges();
    ranges.add(triples[at + 1]!, triples[at + 2]!, () => {});
    deleted.set(triples[at]!, ranges);
  }
  return encodeDeletions(deleted);
}

function content(document: Y.Doc): unknown {
  return { text: document.getText('text').toJSON(), map: document.getMap('map').toJSON() };
}

function heldClocks(...updates: Uint8Array[]): string[] {
  const clocks = new Set<string>();
  for (const { held } of updates.map(checkUpdate)) {
    for (let at = 0; at < held.length; at += 3)
      for (let clock = held[at + 1]!; clock < held[at + 2]!; clock++) clocks.add(`${held[at]} ${clock}`);
  }
  return [...clocks].toSorted();
}

/** One struct, `client` 0, a one-letter text whose origin is the first of another client. */
function itemAfter(client: number, other: number): Uint8Array {
  return Uint8Array.of(1, 1, client, 0, 0x84, other, 0, 1, 97, 0);
}
