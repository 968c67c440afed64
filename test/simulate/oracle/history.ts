// Everything that each epoch of each machine has committed, as a tree: a disk that is put back to an earlier state goes on from there.
import type { Life } from '@syncline/server/core/visit.ts';
import { hexOf } from '@syncline/server/replication/replica-id.ts';
import type { DiskChange, StoredDocument } from '../world/disk.ts';
import { readUpdate, type Said } from './clocks.ts';
import { expectThat } from './violation.ts';

/** One entry, and with it everything before it. */
export interface Step {
  readonly before: Step | undefined;
  readonly sequence: number;
  readonly document: string;
  readonly life: Life;
  readonly said: Said;
  readonly atMs: number;
}

interface EpochHistory {
  readonly machine: string;
  last: Step | undefined;
}

/** A disk as far as its history goes. */
interface Remembering {
  readonly name: string;
  readonly disk: { readonly head: number; readonly epoch: Uint8Array | undefined };
}

export class Histories {
  readonly #now: () => number;
  readonly #epochs = new Map<string, EpochHistory>();
  readonly #standing = new Map<string, Step | undefined>();

  constructor(now: () => number) {
    this.#now = now;
  }

  begins({ name }: Remembering, epoch: Uint8Array): void {
    this.#epochs.set(hexOf(epoch), { machine: name, last: this.#standing.get(name) });
  }

  committed({ name, disk }: Remembering, stored: StoredDocument, change: DiskChange): void {
    const { sequence, incarnation, isDeleted } = stored;
    // A compaction changes nothing; what was restored is at a new sequence, with nothing that was not there before.
    if (change.change === 'replaced' && sequence <= (this.#standing.get(name)?.sequence ?? 0)) return;
    const said = { structs: [] as number[], deleted: [] as number[] };
    if (change.change === 'appended') {
      for (const update of change.updates) {
        const { structs, deleted } = readUpdate(update);
        said.structs.push(...structs);
        said.deleted.push(...deleted);
      }
    }
    const step: Step = {
      before: this.#standing.get(name),
      sequence,
      document: stored.name,
      life: { incarnation, isDeleted },
      said,
      atMs: this.#now(),
    };
    this.#standing.set(name, step);
    this.#epochs.get(hexOf(disk.epoch!))!.last = step;
  }

  /** The disk is as it was before. */
  putBack({ name, disk }: Remembering): void {
    this.#standing.set(name, disk.epoch && this.at(disk.epoch, disk.head));
  }

  /** What a replica had at a sequence of an epoch. Throws a Violation if it was never there. */
  at(epoch: Uint8Array, sequence: number): Step | undefined {
    const history = this.#epochs.get(hexOf(epoch));
    expectThat(history !== undefined, () => 'O10: an epoch is known that never was');
    let step = history!.last;
    const last = step?.sequence ?? 0;
    expectThat(
      sequence <= last,
      () => `O10: ${history!.machine} is said to have been at ${sequence} when it was at ${last}`,
    );
    while (step && step.sequence > sequence) step = step.before;
    return step;
  }
}
