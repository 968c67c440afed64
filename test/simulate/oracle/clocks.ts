// Which clocks of which clients are held and which are deleted, as plain lists of marks: slow, simple, and nothing of what
// the server keeps for the same purpose.
import * as Y from 'yjs';

/** What an update says, as flat triples [client, start, end, …]. */
export interface Said {
  readonly structs: readonly number[];
  readonly deleted: readonly number[];
}

export function readUpdate(update: Uint8Array): Said {
  const { structs, ds } = Y.decodeUpdate(update);
  const said = { structs: [] as number[], deleted: [] as number[] };
  for (const struct of structs) {
    if (struct instanceof Y.Skip) continue;
    said.structs.push(struct.id.client, struct.id.clock, struct.id.clock + struct.length);
  }
  for (const [client, ranges] of ds.clients) {
    for (const { clock, len } of ranges) said.deleted.push(client, clock, clock + len);
  }
  return said;
}

/** The ends of what a document holds, and everything that is deleted in it. */
export function readDocument(document: Y.Doc): Said {
  const said = { structs: [] as number[], deleted: [] as number[] };
  for (const client of document.store.clients.keys()) {
    said.structs.push(client, 0, Y.getState(document.store, client));
  }
  for (const [client, ranges] of Y.createDeleteSetFromStructStore(document.store).clients) {
    for (const { clock, len } of ranges) said.deleted.push(client, clock, clock + len);
  }
  return said;
}

class Marks {
  readonly #clients = new Map<number, Uint8Array>();

  get clients(): Iterable<number> {
    return this.#clients.keys();
  }

  add(triples: readonly number[]): void {
    for (let at = 0; at < triples.length; at += 3) {
      const end = triples[at + 2]!;
      let marks = this.#clients.get(triples[at]!) ?? new Uint8Array(64);
      if (marks.length <= end) {
        const larger = new Uint8Array(end * 2);
        larger.set(marks);
        marks = larger;
      }
      this.#clients.set(triples[at]!, marks.fill(1, triples[at + 1], end));
    }
  }

  /** The first triple's clock that is not there, as [client, clock]. */
  missing(triples: readonly number[]): readonly [number, number] | undefined {
    for (let at = 0; at < triples.length; at += 3) {
      const marks = this.#clients.get(triples[at]!);
      const start = triples[at + 1]!;
      const clock = marks && start < marks.length ? marks.indexOf(0, start) : start;
      if (clock >= 0 && clock < triples[at + 2]!) return [triples[at]!, clock];
    }
    return undefined;
  }

  /** The first triple's clock that is there, as [client, clock]. */
  overlap(triples: readonly number[]): readonly [number, number] | undefined {
    for (let at = 0; at < triples.length; at += 3) {
      const clock = this.#clients.get(triples[at]!)?.indexOf(1, triples[at + 1]) ?? -1;
      if (clock >= 0 && clock < triples[at + 2]!) return [triples[at]!, clock];
    }
    return undefined;
  }

  /** How many clocks of each client are there from 0 on. */
  ends(): number[] {
    return [...this.#clients].flatMap(([client, marks]) => [client, 0, marks.indexOf(0)]);
  }

  /** All runs of marks. */
  runs(): number[] {
    const triples: number[] = [];
    for (const [client, marks] of this.#clients) {
      for (let start = marks.indexOf(1); start >= 0;) {
        const end = marks.indexOf(0, start);
        triples.push(client, start, end);
        start = marks.indexOf(1, end);
      }
    }
    return triples;
  }
}

export class Clocks {
  readonly structs = new Marks();
  readonly deleted = new Marks();

  add({ structs, deleted }: Said): void {
    this.structs.add(structs);
    this.deleted.add(deleted);
  }

  /** What of this is not here, in words; undefined if all of it is. */
  lacks({ structs, deleted }: Said): string | undefined {
    const struct = this.structs.missing(structs);
    if (struct) return `struct ${struct.join(':')}`;
    const deletion = this.deleted.missing(deleted);
    return deletion && `the deletion of ${deletion.join(':')}`;
  }

  /**
   * What of it a reader has in its document: nothing behind a gap, which stays if the client that could fill it is gone,
   * and no deletion of what is not there.
   */
  shown(): Said {
    return this.within(this.structs.ends());
  }

  /** These structs, with what is declared deleted of them. */
  within(structs: readonly number[]): Said {
    const ends = new Map<number, number>();
    for (let at = 0; at < structs.length; at += 3) ends.set(structs[at]!, structs[at + 2]!);
    const deleted: number[] = [];
    const runs = this.deleted.runs();
    for (let at = 0; at < runs.length; at += 3) {
      const [client, start, end] = [
        runs[at]!,
        runs[at + 1]!,
        Math.min(runs[at + 2]!, ends.get(runs[at]!) ?? 0),
      ];
      if (start < end) deleted.push(client, start, end);
    }
    return { structs, deleted };
  }

  /** Whether this is a part of what is held, and not all of it. */
  hasMoreThan({ structs, deleted }: Said): boolean {
    return sumOf(this.structs.runs()) > sumOf(structs) || sumOf(this.deleted.runs()) > sumOf(deleted);
  }

  all(): Said {
    return { structs: this.structs.runs(), deleted: this.deleted.runs() };
  }
}

function sumOf(triples: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < triples.length; at += 3) sum += triples[at + 2]! - triples[at + 1]!;
  return sum;
}
