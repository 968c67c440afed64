import * as A from '@automerge/automerge';
import { decodeHeadsRequest, encodeHeadsRequest, headsFingerprint } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import { concatenated, fromHex } from './chunk.ts';
import { AutomergeContent } from './content.ts';

interface Notes {
  text: string;
  lines?: string[];
}

/** A document, and the changes that made it, each after those that it needs. */
function written(...lines: readonly string[]): { doc: A.Doc<Notes>; changes: Uint8Array[] } {
  let doc = A.init<Notes>();
  const changes: Uint8Array[] = [];
  for (const line of lines) {
    doc = A.change(doc, (notes) => void (notes.text = line));
    changes.push(A.getLastLocalChange(doc)!);
  }
  return { doc, changes };
}

class Listened {
  readonly content: AutomergeContent<Notes>;
  readonly edits: Uint8Array[] = [];
  changed = 0;

  constructor(given?: A.Doc<Notes>) {
    this.content = new AutomergeContent<Notes>(given);
    this.content.listen({ edited: (update) => this.edits.push(update), changed: () => this.changed++ });
  }
}

/** As clients of automerge-repo send what is long; deflated without getting smaller. */
function deflatedChange(change: Uint8Array): Uint8Array {
  let at = 9;
  while (change[at++]! >= 0x80);
  const rawBytes = change.length - at;
  const sizes = [rawBytes & 255, rawBytes >> 8, ~rawBytes & 255, (~rawBytes >> 8) & 255];
  const body = [1, ...sizes, ...change.subarray(at)];
  const length: number[] = [];
  let rest = body.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...change.subarray(0, 8), 2, ...length, rest, ...body);
}

const nothing = encodeHeadsRequest({ heads: [], samples: [] });

describe('an Automerge document as content', () => {
  it('[SDK2] tells what is changed here, and not what comes from the server', () => {
    const { content, edits } = new Listened();
    content.apply(written('one', 'two').changes);
    expect([content.current.text, edits.length]).toEqual(['two', 0]);
    content.change((notes) => void (notes.text = 'three'), { message: 'why' });
    content.change(() => {});
    expect(edits).toHaveLength(1);
    expect(A.decodeChange(edits[0]!)).toMatchObject({
      message: 'why',
      deps: A.getHeads(written('x').doc).map(() => expect.any(String)),
    });
    expect(content.current.text).toBe('three');
  });

  it('[SDK15] stays as it is when a change throws', () => {
    const { content, edits } = new Listened();
    content.change((notes) => void (notes.text = 'kept'));
    const complaint = new Error('the application has a mistake');
    expect(() =>
      content.change((notes) => {
        notes.text = 'half done';
        throw complaint;
      }),
    ).toThrow(complaint);
    expect([content.current.text, edits.length, content.isChanging]).toEqual(['kept', 1, false]);
    content.change((notes) => void (notes.text = 'goes on'));
    expect([content.current.text, edits.length]).toEqual(['goes on', 2]);
  });

  it('[SDK6] is changing until a change has been told', () => {
    const listened = new Listened();
    const { content } = listened;
    content.change((notes) => {
      notes.text = 'one';
      expect(content.isChanging).toBe(true);
      expect(() => content.change(() => {})).toThrow('in the midst of another');
      expect([content.isChanging, listened.changed]).toEqual([true, 0]);
    });
    expect([content.isChanging, listened.changed, listened.edits.length]).toEqual([false, 1, 1]);
  });

  it('[SDK15] tells its subscribers of every change in order, also of those that they make', () => {
    const { content } = new Listened();
    const heard: string[] = [];
    content.subscribe(({ text }) => {
      if (text === 'one') content.change((notes) => void (notes.text = 'an answer'));
    });
    const end = content.subscribe((current, { isLocal, patches }) => {
      heard.push(`${current.text} ${isLocal} ${patches.length > 0}`);
    });
    content.change((notes) => void (notes.text = 'one'));
    const doc = A.change(A.clone(content.current), (notes) => void (notes.text = 'of another'));
    content.apply([A.getLastLocalChange(doc)!]);
    content.apply([A.getLastLocalChange(doc)!]);
    end();
    content.change((notes) => void (notes.text = 'unheard'));
    expect(heard).toEqual(['one true true', 'an answer true true', 'of another false true']);
  });

  it('[SDK2] tells what waited here for something that the server brings', () => {
    const { changes } = written('one', 'two');
    const { content, edits } = new Listened(A.loadIncremental(A.init<Notes>(), changes[1]!));
    expect([content.isEmpty, content.hasGaps, content.current.text]).toEqual([false, true, undefined]);
    content.apply([changes[0]!]);
    expect([content.hasGaps, content.current.text]).toEqual([false, 'two']);
    let reader = A.init<Notes>();
    for (const edit of edits) reader = A.loadIncremental(reader, edit);
    expect(reader.text).toBe('two');
    const told = edits.length;
    content.apply([changes[1]!]);
    expect(edits).toHaveLength(told);
  });

  it('[SDK15] begins with what it is given, under another actor, and leaves that as it is', () => {
    const { doc } = written('one');
    const { content } = new Listened(doc);
    expect(A.getActorId(content.current)).not.toBe(A.getActorId(doc));
    content.change((notes) => void (notes.text = 'two'));
    expect([doc.text, content.current.text]).toEqual(['one', 'two']);
    expect(() => A.change(doc, (notes) => void (notes.text = 'still its own'))).not.toThrow();
  });

  it('[SDK3] [NAT15] gives what a holder lacks by its heads, by what is before them, and everything to who has nothing', () => {
    const { doc, changes } = written('one', 'two', 'three');
    const { content } = new Listened(doc);
    expect(new Listened().content.isEmpty).toBe(true);
    expect(content.isEmpty).toBe(false);
    expect(content.lacking(nothing)).toEqual(changes);
    expect(content.lacking(content.request())).toEqual([]);
    const early = new Listened(A.loadIncremental(A.init<Notes>(), concatenated(changes.slice(0, 2))));
    expect(content.lacking(early.content.request())).toEqual([changes[2]]);
    // Its head is unknown here, and what is before that is not.
    early.content.change((notes) => void (notes.text = 'elsewhere'));
    expect(content.lacking(early.content.request())).toEqual([changes[2]]);
    expect(early.content.lacking(content.request())).toEqual(early.edits);
    const heads = [new Uint8Array(32).fill(7)];
    expect(content.lacking(encodeHeadsRequest({ heads, samples: [] }))).toEqual(changes);
  });

  it('[NAT15] says its heads and a few of what is before them, however much that is', () => {
    const { doc } = written(...Array.from({ length: 100 }, (_, line) => String(line)));
    const { content } = new Listened(doc);
    const { heads, samples } = decodeHeadsRequest(content.request());
    expect(heads).toEqual(A.getHeads(doc).map(fromHex));
    expect(samples).toHaveLength(7);
    expect(content.fingerprint()).toEqual(headsFingerprint(heads));
    expect(content.deletions()).toHaveLength(0);
  });

  it('[SDK3] makes one update of several', () => {
    const { changes } = written('one', 'two', 'three');
    const { content } = new Listened();
    const [merged, ...rest] = content.merge(changes);
    expect(rest).toEqual([]);
    content.apply([merged!]);
    expect(content.current.text).toBe('three');
  });

  it('[SDK3] takes whole documents, changes and deflated changes, in any order and more than once', () => {
    const long = 'a long line '.repeat(200);
    const { doc, changes } = written('one', long, 'three');
    let other = A.load<Notes>(A.save(doc));
    other = A.change(other, (notes) => void (notes.lines = [long]));
    const deflated = deflatedChange(A.getLastLocalChange(other)!);
    const whole = A.save(doc);
    const { content } = new Listened();
    content.apply([changes[2]!, concatenated([changes[0]!, whole])]);
    content.apply([whole, deflated]);
    expect([content.current.text, content.current.lines]).toEqual(['three', [long]]);
  });
});

describe('[SDK16] what comes altered', () => {
  /** Of an own document, so that nothing depends on what is altered. */
  const [good, bad, last] = [written('good').changes[0]!, written('bad').changes[0]!, written('last')];
  const altered = Uint8Array.from(bad);
  altered[altered.length - 3]! ^= 1;
  const document = A.save(written('a whole document').doc);
  const alteredDocument = Uint8Array.from(document);
  alteredDocument[document.length - 3]! ^= 1;

  it.each<[what: string, update: Uint8Array, error: RegExp]>([
    ['a change', altered, /does not match its checksum/],
    ['a document', alteredDocument, /checksum|was not taken in/],
    ['bytes that are no chunk', new Uint8Array(12).fill(7), /is no chunk of Automerge/],
    ['a chunk cut short', bad.subarray(0, bad.length - 1), /is cut off/],
    ['a chunk of an unknown type', bad.map((byte, at) => (at === 8 ? 9 : byte)), /of type 9 are unknown/],
  ])('[SDK16] %s, is told, and keeps nothing else out', (_, update, error) => {
    for (const start of [undefined, written('held before').doc]) {
      const { content } = new Listened(start);
      const heads = content.isEmpty ? 0 : 1;
      expect(() => content.apply([good, update, last.changes[0]!])).toThrow(error);
      expect(A.getHeads(content.current)).toHaveLength(heads + 2);
    }
  });

  it('[SDK16] is left out without a word by Automerge itself', () => {
    const { doc } = written('held before');
    const heads = A.getHeads(doc);
    expect(A.getHeads(A.loadIncremental(doc, concatenated([altered, last.changes[0]!])))).toEqual(heads);
  });

  it('[SDK16] is not what waits for something', () => {
    const { changes } = written('one', 'two', 'three');
    const { content } = new Listened();
    expect(() => content.apply([changes[2]!, changes[1]!])).not.toThrow();
    expect(content.hasGaps).toBe(true);
    content.apply([changes[0]!]);
    expect([content.hasGaps, content.current.text]).toEqual([false, 'three']);
  });
});
