// People who edit one document at once, drawn from a seed: each has a Y.Doc of their own, hears of the others late, out of
// order, twice or never, and writes rich text, maps, arrays, XML and subdocuments, deletes, and takes things back.
import * as Y from 'yjs';
import type { SeededRandom } from '../support/random.ts';

export interface Editing {
  readonly people: number;
  /** Edits and deliveries together. */
  readonly steps: number;
}

/** Every update that somebody made, in the order in which they were made. */
export function editTogether(random: SeededRandom, { people, steps }: Editing): Uint8Array[] {
  const updates: Uint8Array[] = [];
  const everybody = clientIds(random, people).map((id) => new Person(random, id));
  for (const person of everybody) {
    person.onUpdate((update) => {
      updates.push(update);
      // Some news are never heard by some.
      for (const other of everybody) if (other !== person && !random.oneIn(12)) other.inbox.push(update);
    });
  }
  for (let step = 0; step < steps; step++) {
    const person = random.pick(everybody);
    if (random.oneIn(3)) person.hear();
    else person.edit();
  }
  return updates;
}

/** The root types of such a document, as one who reads it would open them. */
export function openRoots(document: Y.Doc): Roots {
  return {
    text: document.getText('text'),
    map: document.getMap('map'),
    array: document.getArray('array'),
    xml: document.getXmlFragment('xml'),
  };
}

interface Roots {
  readonly text: Y.Text;
  readonly map: Y.Map<unknown>;
  readonly array: Y.Array<unknown>;
  readonly xml: Y.XmlFragment;
}

type Shared = Y.Text | Y.Map<unknown> | Y.Array<unknown> | Y.XmlFragment | Y.XmlElement | Y.XmlText;

/** Ids as yjs draws them, and small ones as tests and bots have. */
function clientIds(random: SeededRandom, count: number): number[] {
  const ids = new Set<number>();
  while (ids.size < count) ids.add(random.oneIn(3) ? random.below(200) : random.word());
  return [...ids];
}

class Person {
  readonly inbox: Uint8Array[] = [];
  readonly #random: SeededRandom;
  readonly #document: Y.Doc;
  readonly #roots: Roots;
  readonly #undo: Y.UndoManager;

  constructor(random: SeededRandom, clientId: number) {
    this.#random = random;
    this.#document = new Y.Doc({ gc: !random.oneIn(4) });
    this.#document.clientID = clientId;
    this.#roots = openRoots(this.#document);
    this.#undo = new Y.UndoManager(Object.values(this.#roots), { captureTimeout: 0 });
  }

  /** What others make is not told, but what yjs tidies after it is: it is this person's own declaration. */
  onUpdate(listener: (update: Uint8Array) => void): void {
    this.#document.on('update', (update: Uint8Array, _origin, _document, transaction: Y.Transaction) => {
      if (transaction.local) listener(update);
    });
  }

  hear(): void {
    for (let count = 1 + this.#random.below(6); count > 0 && this.inbox.length > 0; count--) {
      const at = this.#random.oneIn(3) ? this.#random.below(this.inbox.length) : 0;
      const [update] = this.inbox.splice(at, this.#random.oneIn(10) ? 0 : 1);
      Y.applyUpdate(this.#document, update ?? this.inbox[at]!, 'heard');
    }
  }

  edit(): void {
    if (this.#random.oneIn(8)) {
      if (this.#random.oneIn(3)) this.#undo.redo();
      else this.#undo.undo();
      return;
    }
    const edits = this.#random.oneIn(5) ? 1 + this.#random.below(4) : 1;
    this.#document.transact(() => {
      for (let edit = 0; edit < edits; edit++) this.#editOne(this.#target());
    });
  }

  /** A root, or something within it. */
  #target(): Shared {
    let target: Shared = this.#random.pick(Object.values(this.#roots) as Shared[]);
    while (!this.#random.oneIn(3)) {
      const inner = childrenOf(target);
      if (inner.length === 0) break;
      target = this.#random.pick(inner);
    }
    return target;
  }

  #editOne(target: Shared): void {
    if (target instanceof Y.Text) this.#editText(target);
    else if (target instanceof Y.Map) this.#editMap(target);
    else if (target instanceof Y.Array) this.#editArray(target);
    else this.#editXml(target);
  }

  #editText(text: Y.Text): void {
    const random = this.#random;
    const at = random.below(text.length + 1);
    const length = Math.min(1 + random.below(8), text.length - at);
    const kind = random.below(10);
    if (kind < 5) text.insert(at, this.#words(), random.oneIn(3) ? this.#format() : undefined);
    else if (kind < 6) text.insertEmbed(at, { image: this.#words() }, random.oneIn(2) ? this.#format() : {});
    else if (length > 0 && kind < 8) text.format(at, length, this.#format());
    else if (length > 0) text.delete(at, length);
  }

  #editMap(map: Y.Map<unknown>): void {
    const key = `key ${this.#random.below(5)}`;
    if (this.#random.oneIn(4)) map.delete(key);
    else map.set(key, this.#value());
  }

  #editArray(array: Y.Array<unknown>): void {
    const random = this.#random;
    const at = random.below(array.length + 1);
    const length = Math.min(1 + random.below(3), array.length - at);
    if (length > 0 && random.oneIn(3)) array.delete(at, length);
    else
      array.insert(
        at,
        Array.from({ length: 1 + random.below(3) }, () => this.#value()),
      );
  }

  #editXml(xml: Y.XmlFragment): void {
    const random = this.#random;
    const at = random.below(xml.length + 1);
    if (xml instanceof Y.XmlElement && random.oneIn(3)) {
      if (random.oneIn(4)) xml.removeAttribute('class');
      else xml.setAttribute(random.pick(['class', 'id']), this.#words());
    } else if (at < xml.length && random.oneIn(4)) xml.delete(at, 1);
    else xml.insert(at, [random.oneIn(2) ? new Y.XmlElement('p') : new Y.XmlText(this.#words())]);
  }

  #value(): unknown {
    const random = this.#random;
    const makers: readonly (() => unknown)[] = [
      () => random.below(1_000),
      () => random.word() / 7,
      () => this.#words(),
      () => random.pick([true, false, null]),
      () => ({ [this.#words()]: [random.below(9), { inner: this.#words() }], large: 2n ** 40n }),
      () => Uint8Array.from({ length: random.below(9) }, () => random.below(256)),
      () => new Y.Text(this.#words()),
      () => new Y.Map([['key 1', this.#words()]]),
      () => Y.Array.from([random.below(9), this.#words()]),
      () => new Y.XmlElement('div'),
      () => new Y.Doc({ guid: `page ${random.below(9)}`, autoLoad: random.oneIn(2), meta: { words: 1 } }),
    ];
    return random.pick(makers)();
  }

  #words(): string {
    const words = ['a', 'sync', 'line ', '\n', 'é', '🙂', '字', ' folds', '', 'in which layers slope'];
    return Array.from({ length: 1 + this.#random.below(3) }, () => this.#random.pick(words)).join('') || 'x';
  }

  #format(): Record<string, unknown> {
    const random = this.#random;
    return { [random.pick(['bold', 'italic', 'link'])]: random.pick([true, null, { href: this.#words() }]) };
  }
}

function childrenOf(target: Shared): Shared[] {
  if (target instanceof Y.Text) return [];
  const values: unknown[] = target instanceof Y.Map ? [...target.values()] : target.toArray();
  return values.filter((value): value is Shared => value instanceof Y.AbstractType);
}
