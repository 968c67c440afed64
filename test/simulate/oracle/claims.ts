// O10: whoever says that it holds everything that a replica had at a sequence does, when it says so; and what is passed on of it is
// no more than it said itself.
import { compareLives } from '@syncline/server/core/visit.ts';
import type { Holding } from '@syncline/server/replication/messages.ts';
import { hexOf } from '@syncline/server/replication/replica-id.ts';
import { documentName } from '@syncline/shared';
import type { Machine } from '../world/machine.ts';
import type { Histories, Step } from './history.ts';
import { expectThat } from './violation.ts';

type Claimed = Pick<Holding, 'epoch' | 'sequence'>;

export class Claims {
  readonly #histories: Histories;
  readonly #hasEnded: (step: Step) => boolean;
  /** Of each machine what it was found to hold since its disk was put back. */
  readonly #found = new Map<Machine, { past: object; steps: Set<Step> }>();
  /** By replica, what it has ever said that it holds. */
  readonly #said = new Map<string, Set<Step>>();

  /** What has ended anywhere is not missed. */
  constructor(histories: Histories, hasEnded: (step: Step) => boolean) {
    this.#histories = histories;
    this.#hasEnded = hasEnded;
  }

  /** A machine says it of itself. */
  says(holder: Machine, claimed: Claimed): void {
    this.expectHeld(holder, claimed);
    const said = this.#saidBy(holder.disk.replica);
    let step = this.#histories.at(claimed.epoch, claimed.sequence);
    for (; step && !said.has(step); step = step.before) said.add(step);
  }

  /** A machine says it of another replica. */
  passesOn(machine: Machine, holder: Uint8Array, { epoch, sequence }: Claimed): void {
    const step = this.#histories.at(epoch, sequence);
    expectThat(
      step === undefined || this.#saidBy(holder).has(step),
      () => `O10: ${machine.name} says that another one holds ${sequence}, which has not said so`,
    );
  }

  expectHeld(holder: Machine, { epoch, sequence }: Claimed): void {
    const found = this.#foundAt(holder);
    let step = this.#histories.at(epoch, sequence);
    for (; step && !found.has(step); step = step.before) {
      const lacking = this.#hasEnded(step) ? undefined : lacks(holder, step);
      const { document, sequence: lost } = step;
      expectThat(
        lacking === undefined,
        () =>
          `O10: ${holder.name} says that it holds all up to ${sequence}, and of ${document} at ${lost} ${lacking}`,
      );
      found.add(step);
    }
  }

  #saidBy(replica: Uint8Array): Set<Step> {
    const name = hexOf(replica);
    let said = this.#said.get(name);
    if (!said) this.#said.set(name, (said = new Set()));
    return said;
  }

  #foundAt(machine: Machine): Set<Step> {
    const { past } = machine.truth;
    let found = this.#found.get(machine);
    if (found?.past !== past) this.#found.set(machine, (found = { past, steps: new Set() }));
    return found.steps;
  }
}

/** What of an entry a machine has not on its disk, in words. */
function lacks({ disk, truth }: Machine, { document, life, said }: Step): string | undefined {
  const { incarnation, isDeleted } = disk.find(documentName(document)) ?? {
    incarnation: 1,
    isDeleted: false,
  };
  const order = compareLives({ incarnation, isDeleted }, life);
  if (order > 0) return undefined;
  if (order < 0)
    return `has not come to ${life.isDeleted ? 'the end of ' : ''}incarnation ${life.incarnation}`;
  const lacking = truth.of(document).lacks(said);
  return lacking && `lacks ${lacking}`;
}
