// Who has made what, and of which incarnation that is. A client id is never that of two documents, nor of a document that was begun
// anew: it stands for one author of one document.
//
// What an author makes is of the incarnation of which he has heard: he had something of it from a server, or its word that it has
// something of his; a native client keeps its word that there is nothing, too. All that he made before he heard of any is of the first
// one that he hears of, since he still holds it then; until then it is of none, whichever disks it has got to. What he makes after he
// has heard of another one is of that one.
import { expectThat } from './violation.ts';

/** From a clock on, what an author makes is of an incarnation. */
interface Since {
  readonly clock: number;
  readonly incarnation: number;
}

/** Some clocks of one author, all of one incarnation. */
export interface Part {
  readonly triple: readonly [client: number, start: number, end: number];
  readonly incarnation: number;
}

export class Authors {
  /** How many clocks each author has made. */
  readonly #made = new Map<number, number>();
  readonly #heard = new Map<number, Since[]>();

  /** Somebody has made so many clocks by now. */
  made(client: number, clocks: number): void {
    this.#made.set(client, Math.max(clocks, this.#made.get(client) ?? 0));
  }

  /** Content of an incarnation, or a server's word that it has something of his, has come to an author. */
  heard(client: number, incarnation: number): void {
    const since = this.#heard.get(client);
    if (!since) this.#heard.set(client, [{ clock: 0, incarnation }]);
    else if (since.at(-1)!.incarnation !== incarnation)
      since.push({ clock: this.#made.get(client) ?? 0, incarnation });
  }

  /** Throws a Violation for what nobody has made. */
  expectKnown(triples: readonly number[]): void {
    for (let at = 0; at < triples.length; at += 3) {
      const made = this.#made.get(triples[at]!) ?? 0;
      expectThat(
        triples[at + 2]! <= made,
        () => `O3: ${triples.slice(at, at + 3).join(':')} was made by nobody`,
      );
    }
  }

  /** What of this is of an earlier incarnation than the given one. */
  *before(incarnation: number, triples: readonly number[]): Iterable<Part> {
    for (let at = 0; at < triples.length; at += 3) {
      const [client, start, end] = [triples[at]!, triples[at + 1]!, triples[at + 2]!];
      const since = this.#heard.get(client) ?? [];
      for (const [index, each] of since.entries()) {
        const from = Math.max(start, each.clock);
        const to = Math.min(end, since[index + 1]?.clock ?? end);
        if (each.incarnation < incarnation && from < to)
          yield { triple: [client, from, to], incarnation: each.incarnation };
      }
    }
  }
}
