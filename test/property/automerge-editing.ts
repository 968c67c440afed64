// Several people who edit one Automerge document, each with a copy of their own that now and then takes in what others have done:
// every kind of object, value and operation that the library writes.
import * as Automerge from '@automerge/automerge';
import type { SeededRandom } from '../support/random.ts';

export interface Editing {
  readonly people: number;
  readonly steps: number;
}

/** What is in it depends on the edits. */
type Content = {
  [name: string]: unknown;
  counter?: unknown;
  list?: unknown;
  text?: unknown;
};
type Doc = Automerge.Doc<Content>;
type Edit = (content: Content, random: SeededRandom) => void;

const names = ['a', 'b', 'ä', 'a longer name'];
const words = ['word', '🙂', 'x', '', 'ein längeres Stück Text mit Wörtern', 'aaaaaaaaaaaaaaaaaaaaaaaa'];

const values: ((random: SeededRandom) => unknown)[] = [
  (random) => random.below(2 ** 31) - 2 ** 30,
  (random) => random.below(1_000) / 7,
  (random) => new Automerge.Uint(random.below(1_000)),
  (random) => new Automerge.Int(-random.below(1_000)),
  () => new Automerge.Float64(-0),
  () => Number.MAX_SAFE_INTEGER,
  () => true,
  () => false,
  () => null,
  (random) => random.pick(words),
  (random) => new Automerge.ImmutableString(random.pick(words)),
  (random) => new Date(random.below(2 ** 31)),
  (random) => Uint8Array.from({ length: random.below(20) }, () => random.below(256)),
  () => ({ nested: { list: [1, 'two', { three: 3 }] } }),
  () => [1, [2, [3]], 'four'],
];

const edits: Edit[] = [
  (content, random) => (content[random.pick(names)] = random.pick(values)(random)),
  (content, random) => delete content[random.pick(names)],
  (content, random) => (content.counter = new Automerge.Counter(random.below(10))),
  (content, random) => {
    if (content.counter instanceof Automerge.Counter) content.counter.increment(random.below(10) - 5);
  },
  (content, random) => (content.list ??= [random.pick(values)(random)]),
  (content, random) => {
    if (!Array.isArray(content.list)) return;
    const list = content.list as unknown[];
    const at = random.below(list.length + 1);
    Automerge.insertAt(
      list,
      at,
      ...Array.from({ length: 1 + random.below(4) }, () => random.pick(values)(random)),
    );
  },
  (content, random) => {
    if (Array.isArray(content.list) && content.list.length > 0)
      Automerge.deleteAt(content.list as unknown[], random.below(content.list.length));
  },
  (content, random) => {
    if (Array.isArray(content.list) && content.list.length > 0)
      content.list[random.below(content.list.length)] = random.pick(values)(random);
  },
  (content, random) => (content.text ??= random.pick(words)),
  (content, random) => {
    if (typeof content.text !== 'string') return;
    const at = random.below(content.text.length + 1);
    Automerge.splice(content, ['text'], at, 0, random.pick(words).repeat(1 + random.below(3)));
  },
  (content, random) => {
    if (typeof content.text !== 'string' || content.text.length === 0) return;
    const at = random.below(content.text.length);
    Automerge.splice(content, ['text'], at, 1 + random.below(content.text.length - at));
  },
  (content, random) => {
    if (typeof content.text !== 'string' || content.text.length < 2) return;
    const start = random.below(content.text.length - 1);
    const end = start + 1 + random.below(content.text.length - start - 1);
    const expand = random.pick(['before', 'after', 'both', 'none'] as const);
    if (random.oneIn(3)) Automerge.unmark(content, ['text'], { start, end, expand }, 'bold');
    else
      Automerge.mark(
        content,
        ['text'],
        { start, end, expand },
        random.pick(['bold', 'link']),
        random.oneIn(2) || 'url',
      );
  },
  (content, random) => {
    if (typeof content.text !== 'string') return;
    Automerge.splitBlock(content, ['text'], random.below(content.text.length + 1), {
      type: new Automerge.ImmutableString('paragraph'),
      parents: [],
      attrs: {},
    });
  },
];

/** Gives the changes in an order in which each comes after what it builds on. */
export function editTogether(random: SeededRandom, { people, steps }: Editing): Uint8Array[] {
  const documents = Array.from({ length: people }, (_, person) => newDocument(random, person));
  for (let step = 0; step < steps; step++) {
    const at = random.below(people);
    const other = random.below(people);
    if (random.oneIn(4) && other !== at) documents[at] = Automerge.merge(documents[at]!, documents[other]!);
    else documents[at] = edit(documents[at]!, random);
  }
  const all = documents.reduce((merged, document) => Automerge.merge(merged, document));
  const changes = Automerge.getAllChanges(all);
  for (const document of documents) Automerge.free(document);
  return changes;
}

function edit(document: Doc, random: SeededRandom): Doc {
  if (random.oneIn(20)) return Automerge.emptyChange(document, { time: random.below(1_000) - 500 });
  const heads = Automerge.getHeads(document);
  const count = 1 + random.below(3);
  const change = (content: Content): void => {
    for (let left = count; left > 0; left--) random.pick(edits)(content, random);
  };
  if (random.oneIn(12) && heads.length > 0) return Automerge.changeAt(document, heads, change).newDoc;
  return Automerge.change(document, random.oneIn(5) ? { message: random.pick(words) } : {}, change);
}

/** Actors of one byte, of many, and such that are alike. */
function newDocument(random: SeededRandom, person: number): Doc {
  const length = random.pick([1, 16, 16, 33]);
  const bytes = Uint8Array.from({ length }, (_, at) => (at === 0 ? person : random.below(256)));
  return Automerge.init<Content>({ actor: Buffer.from(bytes).toString('hex') });
}
