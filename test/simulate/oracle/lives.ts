// O11: a document that was deleted stays so, or begins anew with nothing of what it was: what is of an incarnation never gets into a
// later one.
//
// Of which incarnation something is, is a matter of what its author has heard, and not of the disk which it reached first: whoever
// types, is served by a replica that is behind, and goes to another one before a word of the first has come to him, brings something
// new. See authors.ts.
import { compareLives, type Life } from '@syncline/server/core/visit.ts';
import type { DiskChange } from '../world/disk.ts';
import type { RarePaths } from '../world/rare-paths.ts';
import type { Authors } from './authors.ts';
import { Clocks, readUpdate, type Said } from './clocks.ts';
import { expectThat } from './violation.ts';

/** A document of a disk, as far as its life goes. */
interface Living extends Life {
  readonly name: string;
}

const unborn: Life = { incarnation: 1, isDeleted: false };

export class Lives {
  readonly #authors: Authors;
  readonly #paths: RarePaths;
  /** By document, what has got into each of its incarnations, on any disk. */
  readonly #incarnations = new Map<string, Map<number, Clocks>>();
  /** By machine and document. */
  readonly #lives = new Map<string, Map<string, Life>>();

  constructor(authors: Authors, paths: RarePaths) {
    this.#authors = authors;
    this.#paths = paths;
  }

  committed(machine: string, stored: Living, change: DiskChange): void {
    this.#follow(machine, stored, change);
    if (change.change !== 'appended') return;
    for (const update of change.updates) this.#said(stored, readUpdate(update));
  }

  /** A disk was put back to an earlier state. */
  putBack(machine: string, documents: Iterable<Living>): void {
    this.#lives.set(machine, new Map(Array.from(documents, (stored) => [stored.name, stored])));
  }

  #follow(machine: string, stored: Living, { change }: DiskChange): void {
    let lives = this.#lives.get(machine);
    if (!lives) this.#lives.set(machine, (lives = new Map()));
    const { name, incarnation, isDeleted } = stored;
    const before = lives.get(name) ?? unborn;
    expectThat(
      compareLives(stored, before) >= 0,
      () => `O11: ${name} of ${machine} has gone back to incarnation ${incarnation}`,
    );
    if (change === 'buried') {
      if (incarnation > before.incarnation) this.#paths.saw('incarnation overtaken');
      const isHeardOf = [...this.#lives.values()].some((each) => {
        const life = each.get(name);
        return life && compareLives(life, stored) >= 0;
      });
      if (isHeardOf && !before.isDeleted) this.#paths.saw('tombstone met a live document');
    }
    lives.set(name, { incarnation, isDeleted });
  }

  /**
   * What gets into an incarnation is not of an earlier one. It may be of a later one, at a replica that has not heard of the end of its
   * own. What was of none when it got in belongs there from then on, and may be passed on.
   */
  #said({ name, incarnation }: Living, said: Said): void {
    const held = this.#of(name, incarnation);
    for (const triples of [said.structs, said.deleted]) {
      for (const old of this.#authors.before(incarnation, triples)) {
        const entering = held.structs.missing(old.triple);
        expectThat(
          entering === undefined,
          () =>
            `O11: ${entering!.join(':')} of incarnation ${old.incarnation} of ${name} is in incarnation ${incarnation}`,
        );
      }
    }
    held.add(said);
  }

  #of(name: string, incarnation: number): Clocks {
    let incarnations = this.#incarnations.get(name);
    if (!incarnations) this.#incarnations.set(name, (incarnations = new Map()));
    let clocks = incarnations.get(incarnation);
    if (!clocks) incarnations.set(incarnation, (clocks = new Clocks()));
    return clocks;
  }
}

/** The latest life that any of these knows of; undefined if none knows of one. */
export function latestLife(known: Iterable<Life | undefined>): Life | undefined {
  let latest: Life | undefined;
  for (const life of known) if (life && (!latest || compareLives(life, latest) > 0)) latest = life;
  return latest;
}
