// The picture of a digest in the page. When the digest changes its layers move, as far as the reader likes things to move.
import { strataOf } from './strata.ts';
import { svg } from './svg.ts';

const size = 48;
/** How far the layers slope towards the middle. */
const fold = 12;
const layer = `M-1 0L${size / 2} ${fold}L${size + 1} 0V${2 * size}H-1Z`;

export class Glyph {
  readonly #picture: SVGSVGElement;
  readonly #layers: readonly SVGPathElement[];

  constructor(parent: Element) {
    this.#picture = svg('svg', { viewBox: `0 0 ${size} ${size}`, class: 'glyph', 'aria-hidden': 'true' });
    this.#layers = strataOf('').layers.map(() => svg('path', { d: layer }));
    this.#picture.append(...this.#layers);
    parent.prepend(this.#picture);
  }

  get element(): SVGSVGElement {
    return this.#picture;
  }

  /** In this hue. */
  show(root: string | undefined, hue: number): void {
    this.#picture.classList.toggle('is-unknown', root === undefined);
    this.#picture.style.setProperty('--hue', String(hue));
    for (const [index, { top, tone }] of strataOf(root ?? '').layers.entries()) {
      const path = this.#layers[index]!;
      path.style.transform = `translateY(${(top / 100) * (size + fold) - fold}px)`;
      path.dataset['tone'] = String(tone);
    }
  }
}
