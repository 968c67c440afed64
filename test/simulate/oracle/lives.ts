// O11: a document that was deleted stays so, or begins anew with nothing of what it was.
import { compareLives, type Life } from '@syncline/server/core/visit.ts';
import type { DiskChange, StoredDocument } from '../world/disk.ts';
import type { RarePaths } from '../world/rare-paths.ts';
import { Clocks, readUpdate, type Said } from './clocks.ts';
import { expectThat } from './violation.ts';

const unborn: Life = { incarnation: 1, isDeleted: false };

export class Lives {
  readonly #paths: RarePaths;
  /** By document, what was ever in each of its incarnations, anywhere. */
  readonly #incarnations = new Map<string, Map<number, Clocks>>();
  /** By machine and document. */
  readonly #lives = new Map<string, Map<string, Life>>();

  constructor(paths: RarePaths) {
    this.#paths = paths;
  }

  committed(machine: string, stored: StoredDocument, change: DiskChange): void {
    this.#follow(machine, stored, change);
    if (change.change !== 'appended') return;
    for (const update of change.updates) this.#said(stored, readUpdate(update));
  }

  /** A disk was put back to an earlier state. */
  putBack(machine: string, documents: Iterable<StoredDocument>): void {
    this.#lives.set(machine, new Map(Array.from(documents, (stored) => [stored.name, stored])));
  }

  #follow(machine: string, stored: StoredDocument, { change }: DiskChange): void {
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
   * What was first seen in one incarnation is never in a later one. It may get into an earlier one, at a replica that has not heard of
   * its end and is sent what a client has brought along.
   */
  #said({ name, incarnation }: StoredDocument, said: Said): void {
    const incarnations = this.#of(name);
    let isOfLater = false;
    for (const [other, clocks] of incarnations) {
      if (other === incarnation) continue;
      const old = clocks.structs.overlap(said.structs) ?? clocks.structs.overlap(said.deleted);
      if (other > incarnation && old) isOfLater = true;
      expectThat(
        other > incarnation || old === undefined,
        () => `O11: ${old!.join(':')} of incarnation ${other} of ${name} is in incarnation ${incarnation}`,
      );
    }
    if (isOfLater) return;
    let clocks = incarnations.get(incarnation);
    if (!clocks) incarnations.set(incarnation, (clocks = new Clocks()));
    clocks.add(said);
  }

  #of(name: string): Map<number, Clocks> {
    let incarnations = this.#incarnations.get(name);
    if (!incarnations) this.#incarnations.set(name, (incarnations = new Map()));
    return incarnations;
  }
}

/** The latest life that any of these knows of; undefined if none knows of one. */
export function latestLife(known: Iterable<Life | undefined>): Life | undefined {
  let latest: Life | undefined;
  for (const life of known) if (life && (!latest || compareLives(life, latest) > 0)) latest = life;
  return latest;
}
