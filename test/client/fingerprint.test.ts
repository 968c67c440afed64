// When a Y.Doc has the fingerprint that the server has of what it was sent: always where nothing but text and lists is
// edited; elsewhere a Y.Doc knows of more deletions than anybody has declared. It derives them: of two values that people
// set for one key at once, one goes; and what somebody puts into something that another has deleted goes with it.
import { afterAll, expect, it } from 'vitest';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import type { Summary, Version } from '@syncline/server/port/engine.ts';
import { yjsContent } from '@syncline/client/yjs/content.ts';
import fc from 'fast-check';
import * as Y from 'yjs';
import { editTogether } from '../property/editing.ts';
import { SeededRandom } from '../support/random.ts';

const engine = new YjsEngine(new Uint8Array(16).fill(1));
afterAll(() => engine.stop());

const recipe = fc.record({
  seed: fc.integer(),
  people: fc.integer({ min: 1, max: 4 }),
  steps: fc.integer({ min: 1, max: 80 }),
});

/** A server's version and a client's document that have received the same. */
class Pair {
  readonly version: Version = engine.version(undefined, []) as Version;
  readonly doc: Y.Doc;
  readonly content: ReturnType<typeof yjsContent>;

  constructor(updates: readonly Uint8Array[], gc: boolean) {
    this.doc = new Y.Doc({ gc });
    this.content = yjsContent(this.doc);
    // What yjs tidies after an update of others is an edit, and is sent.
    this.content.listen({ edited: (update) => this.send(update), changed: () => {} });
    for (const update of updates) this.send(update);
    this.content.apply(updates);
  }

  send(update: Uint8Array): void {
    this.version.add(engine.check(update) as Summary);
  }

  get agrees(): boolean {
    return same(this.content.fingerprint(), this.version.fingerprint());
  }

  /** What the document has deleted and nobody has declared; it is declared by that. */
  derived(): Y.Item[] {
    return [...this.doc.store.clients.values()]
      .flat()
      .filter((struct) => struct instanceof Y.Item)
      .filter((item) => item.deleted && this.version.add(declarationOf(item)) !== undefined);
  }
}

it('[NAT7] differ only in deletions that yjs derives, and agree once the client has declared them', () => {
  let differed = 0;
  let agreed = 0;
  fc.assert(
    fc.property(recipe, fc.boolean(), ({ seed, ...editing }, gc) => {
      const updates = editTogether(new SeededRandom(seed), editing);
      const pair = new Pair(updates, gc);
      // The clocks are the same in any case.
      expect(pair.content.fingerprint().subarray(0, 8)).toEqual(pair.version.fingerprint().subarray(0, 8));
      if (pair.agrees) agreed++;
      else differed++;
      for (const lacking of pair.content.lacking(pair.version.request())) pair.send(lacking);
      expect(pair.agrees).toBe(true);
    }),
    { numRuns: 300 },
  );
  expect(differed).toBeGreaterThan(0);
  expect(agreed).toBeGreaterThan(0);
});

it('[NAT7] derived are a value that another for its key has overtaken, and what lies in something deleted', () => {
  let derivations = 0;
  fc.assert(
    fc.property(recipe, ({ seed, ...editing }) => {
      // Without garbage collection it can be seen what was deleted.
      const pair = new Pair(editTogether(new SeededRandom(seed), editing), false);
      const wasInAgreement = pair.agrees;
      const derived = pair.derived();
      expect(derived.length === 0).toBe(wasInAgreement);
      const deleted = deletedTypes(pair.doc);
      for (const item of derived) expect(isOvertaken(item) || deleted.has(item.parent)).toBe(true);
      derivations += derived.length;
    }),
    { numRuns: 300 },
  );
  expect(derivations).toBeGreaterThan(0);
});

it('[NAT7] agree at once about text and lists of plain values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(2), fc.nat(60), fc.nat(4), fc.boolean()), { maxLength: 60 }),
      fc.boolean(),
      (edits, gc) => {
        const docs = [1, 2, 3].map((clientID) => Object.assign(new Y.Doc({ gc }), { clientID }));
        const updates: Uint8Array[] = [];
        for (const doc of docs) {
          doc.on(
            'update',
            (update: Uint8Array, origin: unknown) => origin === 'told' || updates.push(update),
          );
        }
        for (const [author, at, length, isTold] of edits) {
          const doc = docs[author]!;
          if (isTold) doc.transact(() => updates.forEach((update) => Y.applyUpdate(doc, update)), 'told');
          else edit(at % 2 === 0 ? doc.getText('text') : doc.getArray('list'), at, length);
        }
        expect(new Pair(updates, gc).agrees).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

function edit(target: Y.Text | Y.Array<unknown>, at: number, length: number): void {
  const from = at % (target.length + 1);
  if (length > 0 && from + length <= target.length) target.delete(from, length);
  else if (target instanceof Y.Text) target.insert(from, 'abc');
  else target.insert(from, [at, 'value']);
}

function isOvertaken({ parentSub, right }: Y.Item): boolean {
  return parentSub !== null && right !== null;
}

/** The types within a document that have been deleted with the items which hold them. */
function deletedTypes({ store }: Y.Doc): ReadonlySet<unknown> {
  const items = [...store.clients.values()]
    .flat()
    .filter((struct) => struct instanceof Y.Item && struct.deleted);
  const contents = items.map((item) => (item as Y.Item).content);
  return new Set(contents.filter((content) => content instanceof Y.ContentType).map(({ type }) => type));
}

function declarationOf({ id, length }: Y.Item): Summary {
  const deleted = [id.client, id.clock, id.clock + length];
  return { held: [], deleted, refersTo: [] } as unknown as Summary;
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
