// Which machines each one dials: of two that are joined one dials the other, or each the other one.
import type { SeededRandom } from '../../support/random.ts';
import type { Edge } from './topology.ts';

export function dialedBy(
  edges: readonly Edge[],
  random: SeededRandom,
): ReadonlyMap<number, readonly number[]> {
  const dialed = new Map<number, number[]>();
  const dials = (from: number, to: number): void => {
    const all = dialed.get(from);
    if (all) all.push(to);
    else dialed.set(from, [to]);
  };
  for (const [one, other] of edges) {
    const by = random.pick(['one', 'other', 'both'] as const);
    if (by !== 'other') dials(one, other);
    if (by !== 'one') dials(other, one);
  }
  return dialed;
}
