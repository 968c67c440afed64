// Updates in an order in which each finds what it needs, as far as there is one. yjs keeps what comes too early and merges it
// anew with everything that follows: a few hundred updates out of order cost seconds.
import { checkUpdate } from './check.ts';
import type { HeldSet } from './held-set.ts';
import { asSummary } from './summary.ts';

/** After so many rounds what is left waits for something that is not here, or was written to take long. */
const maxRounds = 100;

/** Gives the indexes of the updates. `held` is what is there before them; it ends up with all of them. */
export function causalOrder(updates: readonly Uint8Array[], held: HeldSet): number[] {
  const summaries = updates.map((update) => asSummary(checkUpdate(update)));
  const order: number[] = [];
  let waiting = [...updates.keys()];
  for (let round = 0; round < maxRounds && waiting.length > 0; round++) {
    const early: number[] = [];
    for (const index of waiting) {
      const addition = held.add(summaries[index]!);
      if (!held.hasGap(summaries[index]!)) order.push(index);
      else {
        if (addition) held.withdraw(addition);
        early.push(index);
      }
    }
    if (early.length === waiting.length) break;
    waiting = early;
  }
  for (const index of waiting) held.add(summaries[index]!);
  return [...order, ...waiting];
}
