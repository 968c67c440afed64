// The product's sign beside the sentence, a layer for each replica: the layers of those that hold the same lie in one fold, and what
// differs is out of place.
import { groupsOf } from './agreement.ts';
import type { ReplicaNow } from './snapshot.ts';
import { svg } from './svg.ts';

/** To which side, one after the other. */
const sides = [0, 5, -5];

export class Emblem {
  readonly #layers: readonly SVGPathElement[];

  constructor(parent: Element, count: number) {
    const picture = svg('svg', { viewBox: '-6 0 44 32', class: 'emblem', 'aria-hidden': 'true' });
    this.#layers = Array.from({ length: count }, (_, index) =>
      svg('path', { d: `M3 ${6 + 8 * index}l13 8 13-8` }),
    );
    picture.append(...this.#layers);
    parent.prepend(picture);
  }

  show(replicas: readonly ReplicaNow[], hueOf: (replica: ReplicaNow) => number): void {
    const groups = groupsOf(replicas);
    for (const [index, replica] of replicas.entries()) {
      const { style } = this.#layers[index]!;
      const group = groups.findIndex((places) => places.includes(replica.place));
      style.setProperty('--hue', String(hueOf(replica)));
      style.transform = `translateX(${sides[Math.max(0, group)] ?? 0}px)`;
    }
  }
}
