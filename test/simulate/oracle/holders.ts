// O18: once saved({ replicas }) resolves, so many replicas have it on their disks.
import { hexOf } from '@syncline/server/replication/replica-id.ts';
import type { Machine } from '../world/machine.ts';
import type { Said } from './clocks.ts';
import { expectThat } from './violation.ts';

export class Holders {
  readonly #machines: () => readonly Machine[];

  /** Of which machines, at the moment; a copy speaks for the same replica. */
  constructor(machines: () => readonly Machine[]) {
    this.#machines = machines;
  }

  /** It is said that so many have all of this. Throws a Violation. */
  expectHeld(said: readonly Said[], replicas: number): void {
    const holders = new Set(
      this.#machines()
        .filter((machine) => this.#mayHold(machine, said))
        .map(({ disk }) => hexOf(disk.replica)),
    );
    expectThat(
      holders.size >= replicas,
      () => `O18: it is said to be on ${replicas} replicas, and ${holders.size} have it`,
    );
  }

  /** Whoever was put back has lost what it said that it has, and others may not have heard of that. */
  #mayHold({ truth }: Machine, said: readonly Said[]): boolean {
    return truth.hasGoneBack || said.every((each) => truth.lacks(each) === undefined);
  }
}
