import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { checkUpdate } from './check.ts';
import { BoundaryHash } from './digest.ts';
import { HeldSet } from './held-set.ts';
import { asSummary } from './summary.ts';
import { compact, runTask } from './tasks.ts';

const digestKey = Uint8Array.from({ length: 16 }, (_, index) => index);

type Edit = (document: Y.Doc) => void;

/** What a document is written by: one author first, then two at once, each of whom has the first one's work alone. */
type Authors = [first: Edit, second: Edit, third: Edit];

const documents: [what: string, authors: Authors][] = [
  [
    'collected content, with something put into what is gone',
    [
      (document) => document.getMap('map').set('nested', new Y.Map([['array', Y.Array.from([1, 2])]])),
      (document) => document.getMap('map').delete('nested'),
      (document) => (document.getMap('map').get('nested') as Y.Map<unknown>).set('late', new Y.Text('text')),
    ],
  ],
  [
    'keys of a map set at once',
    [
      (document) => document.getMap('map').set('key', 'first'),
      (document) => document.getMap('map').set('key', 'second'),
      (document) => document.getMap('map').set('key', new Y.Text('third')),
    ],
  ],
  [
    'rich text',
    [
      (document) => document.getText('text').insert(0, 'a rich text, with some 🙂 in it'),
      (document) => {
        document.getText('text').format(2, 9, { bold: true });
        document.getText('text').insertEmbed(4, { image: 'a.png' });
        document.getText('text').format(0, 30, { bold: null });
      },
      (document) => {
        document.getText('text').format(4, 9, { bold: true, italic: {} });
        document.getText('text').delete(3, 5);
      },
    ],
  ],
  [
    'XML',
    [
      (document) => document.getXmlFragment('xml').insert(0, [new Y.XmlElement('p'), new Y.XmlText('text')]),
      (document) => {
        const paragraph = document.getXmlFragment('xml').get(0) as Y.XmlElement;
        paragraph.setAttribute('class', 'second');
        paragraph.insert(0, [new Y.XmlElement('br')]);
      },
      (document) => {
        (document.getXmlFragment('xml').get(0) as Y.XmlElement).setAttribute('class', 'third');
        (document.getXmlFragment('xml').get(1) as Y.XmlText).format(0, 4, { em: {} });
      },
    ],
  ],
  [
    'subdocuments',
    [
      (document) => document.getMap('map').set('page', new Y.Doc({ guid: 'one', autoLoad: true })),
      (document) => document.getMap('map').set('page', new Y.Doc({ guid: 'two', meta: { title: 'Two' } })),
      (document) => document.getArray('array').push([new Y.Doc({ guid: 'three', gc: false })]),
    ],
  ],
  [
    'values of every kind',
    [
      (document) => document.getArray('array').push([1, -1.5, 'text', true, null]),
      (document) =>
        document
          .getArray('array')
          .insert(1, [{ large: 2n ** 60n }, new Uint8Array([1, 2]), { deep: [{}, undefined] }]),
      (document) => document.getArray('array').delete(1, 3),
    ],
  ],
];

it.each(documents)(
  '[CNV3] %s: compacted at once, in steps and again, the document is the same',
  (_, authors) => {
    const updates = write(authors);
    const held = heldSet(updates);
    for (let first = 0; first <= updates.length; first++) {
      const once = compact({ version: undefined, chunks: [], tail: updates.slice(0, first) }, digestKey);
      const whole = compact({ ...once, tail: updates.slice(first) }, digestKey);
      const again = compact({ ...whole, tail: [] }, digestKey);
      for (const each of [whole, again]) {
        expect(each.rejected).toEqual([]);
        expect(each.version).toEqual(held.encode());
        expect(each.digest).toEqual(held.digest());
        expect(content(each.chunks)).toEqual(content(updates));
      }
      expect(again.chunks).toEqual(whole.chunks);
    }
  },
);

it('[CNV3] what is missing when a document is compacted is taken in later', () => {
  const updates = write(documents[2]![1]);
  const [early, late] = [updates.slice(1), updates.slice(0, 1)];
  const gapped = compact({ version: undefined, chunks: [], tail: early }, digestKey);
  expect(gapped.digest).toEqual(heldSet(early).digest());
  const whole = compact({ ...gapped, tail: late }, digestKey);
  expect(whole.digest).toEqual(heldSet(updates).digest());
  expect(content([...gapped.chunks, ...late])).toEqual(content(updates));
  expect(content(whole.chunks)).toEqual(content(updates));
});

it('[CNV3] the last chunk is what was declared deleted, and nothing that followed from it', () => {
  const updates = write(documents[1]![1]);
  const { chunks } = compact({ version: undefined, chunks: [], tail: updates }, digestKey);
  const { held, deleted } = checkUpdate(chunks.at(-1)!);
  // Two values have lost, but one of them to nobody's knowledge.
  expect(held).toEqual([]);
  expect(deleted).toEqual(checkUpdate(updates[1]!).deleted);
  const reader = new Y.Doc();
  for (const chunk of chunks) Y.applyUpdate(reader, chunk);
  expect(checkUpdate(Y.encodeStateAsUpdate(reader)).deleted).toHaveLength(6);
});

it('[ENG5] exports as JSON and as text', () => {
  const tail = write([
    (document) => document.getText('a text').insert(0, 'bold', { bold: true }),
    (document) =>
      document.getArray('values').push([{ large: 2n ** 60n }, new Uint8Array([1, 2]), { deep: [null] }]),
    (document) => document.getMap('pages').set('one', new Y.Doc({ guid: 'one' })),
  ]);
  tail.push(
    ...write([
      (document) => document.getXmlFragment('xml').push([new Y.XmlElement('p')]),
      () => {},
      () => {},
    ]),
  );
  tail.push(...write([(document) => document.getText('b text').insert(0, 'plain'), () => {}, () => {}]));
  const stored = { version: undefined, chunks: [], tail };
  expect(JSON.parse(runTask({ kind: 'export', stored, format: 'json' }) as string)).toEqual({
    'a text': 'bold',
    'b text': 'plain',
    pages: { one: { guid: 'one' } },
    values: [{ large: '1152921504606846976' }, 'AQI=', { deep: [null] }],
    xml: '<p></p>',
  });
  expect(runTask({ kind: 'export', stored, format: 'text' })).toBe('bold\nplain\n<p></p>');
});

it('[ENG5] exports what is complete though it came in parts that waited for each other', () => {
  const [one, other] = [new Y.Doc(), new Y.Doc()];
  // yjs begins with the larger.
  Object.assign(one, { clientID: 1 });
  Object.assign(other, { clientID: 2 });
  const updates = [one, other, one, one].map((author, turn, authors) => {
    const before = Y.encodeStateVector(author);
    author.getText('text').insert(turn, `${turn}`);
    const update = Y.encodeStateAsUpdate(author, before);
    for (const reader of authors) Y.applyUpdate(reader, update);
    return update;
  });
  const [first, answer, second, third] = updates as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  // Together the answer and the third wait for the second, although the answer needs no more than the first.
  const tail = [Y.mergeUpdates([answer, third]), first, second];
  const stored = { version: undefined, chunks: [], tail };
  expect(runTask({ kind: 'export', stored, format: 'text' })).toBe('0123');
});

it('[CNV4] a diff leaves out the pieces that hold nothing new', () => {
  const updates = write(documents[0]![1]);
  const reader = new Y.Doc();
  for (const update of updates) Y.applyUpdate(reader, update);
  const diff = (request: Uint8Array): unknown => runTask({ kind: 'diff', request, updates });
  expect(diff(Uint8Array.of(0))).toEqual(updates);
  // Deletions are not in a state vector: they are sent to everybody.
  expect((diff(Y.encodeStateVector(reader)) as Uint8Array[]).map((each) => checkUpdate(each).held)).toEqual([
    [],
  ]);
});

function write([first, ...others]: Authors): Uint8Array[] {
  const updates: Uint8Array[] = [];
  const beginning = new Y.Doc();
  first(beginning);
  updates.push(Y.encodeStateAsUpdate(beginning));
  for (const edit of others) {
    const document = new Y.Doc();
    Y.applyUpdate(document, updates[0]!);
    document.on('update', (update: Uint8Array) => updates.push(update));
    edit(document);
  }
  return updates;
}

function heldSet(updates: readonly Uint8Array[]): HeldSet {
  const held = new HeldSet(new BoundaryHash(digestKey));
  for (const update of updates) held.add(asSummary(checkUpdate(update)));
  return held;
}

/** What a reader sees. */
function content(updates: readonly Uint8Array[]): unknown {
  const reader = new Y.Doc();
  for (const update of updates) Y.applyUpdate(reader, update);
  const withGuids = (value: unknown): unknown =>
    value instanceof Y.Doc ? { guid: value.guid, meta: value.meta } : value;
  return {
    text: reader.getText('text').toDelta() as unknown,
    map: Object.entries(reader.getMap('map').toJSON()).map(([key, value]) => [key, withGuids(value)]),
    array: reader.getArray('array').toJSON().map(withGuids),
    xml: reader.getXmlFragment('xml').toJSON(),
  };
}
