// The lines between the replicas, drawn from where the page has put them: each breaks in its middle when its link is cut. What comes
// over a link is seen to go along its line.
import { element } from '../parts/page.ts';
import { type Point, roundedPath } from './rounded-path.ts';
import type { LinkNow, Snapshot } from './snapshot.ts';
import { svg } from './svg.ts';

/** What the line of a link goes from, past, and to. */
export interface Ends {
  readonly id: string;
  readonly from: { readonly picture: Element; readonly card: Element };
  readonly past: Element;
  readonly to: { readonly picture: Element };
}

interface Drawn {
  readonly ends: Ends;
  readonly group: SVGGElement;
  readonly paths: readonly SVGPathElement[];
  way: string;
  received: readonly number[];
}

const radius = 18;
/** How far a line that goes around the others keeps from the edge. */
const marginPx = 2;
const travelMs = 450;

export class Figure {
  readonly #picture = element('#lines', SVGSVGElement);
  readonly #wide = matchMedia('(min-width: 60rem)');
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #lines: readonly Drawn[];

  constructor(lines: readonly Ends[]) {
    this.#lines = lines.map((ends) => {
      const group = svg('g', { class: 'line' });
      const paths = ['trace', 'whole'].map((name) => svg('path', { class: name, pathLength: '1' }));
      group.append(...paths);
      this.#picture.append(group);
      return { ends, group, paths, way: '', received: [] };
    });
    const observer = new ResizeObserver(() => this.#draw());
    observer.observe(this.#picture);
    for (const { from, past } of lines) {
      observer.observe(from.card);
      observer.observe(past);
    }
  }

  show({ links }: Snapshot): void {
    for (const link of links) {
      const line = this.#lines.find(({ ends }) => ends.id === link.id)!;
      line.group.dataset['state'] = link.isCut ? 'cut' : link.isConnected ? 'live' : 'dialing';
      this.#travel(line, link);
    }
  }

  #draw(): void {
    for (const line of this.#lines) {
      line.way = roundedPath(this.#pointsOf(line.ends), radius);
      for (const path of line.paths) path.setAttribute('d', line.way);
    }
  }

  #pointsOf({ from, past, to }: Ends): Point[] {
    const [a, via, b] = [this.#middleOf(from.picture), this.#middleOf(past), this.#middleOf(to.picture)];
    if (this.#wide.matches) return [a, { x: a.x, y: via.y }, { x: b.x, y: via.y }, b].filter(isCorner);
    // One is below the other, and the card between them hides what is behind it.
    const below = {
      x: a.x,
      y: a.y + from.card.getBoundingClientRect().bottom - from.picture.getBoundingClientRect().bottom,
    };
    if (b.y > a.y) return [below, b];
    // What goes back to the first one goes around the others.
    const edge = this.#picture.getBoundingClientRect().width - marginPx;
    return [below, { x: a.x, y: via.y }, { x: edge, y: via.y }, { x: edge, y: b.y }];
  }

  #middleOf(part: Element): Point {
    const area = this.#picture.getBoundingClientRect();
    const { left, top, width, height } = part.getBoundingClientRect();
    return { x: left + width / 2 - area.left, y: top + height / 2 - area.top };
  }

  /** Something has come over a link since it was last looked at. */
  #travel(line: Drawn, { ways }: LinkNow): void {
    const before = line.received;
    line.received = ways.map(({ received }) => received);
    if (this.#still.matches) return;
    for (const [index, received] of line.received.entries()) {
      if (before[index] === undefined || received <= before[index]) continue;
      const dot = svg('circle', { r: '4', class: 'traveller' });
      dot.style.offsetPath = `path('${line.way}')`;
      line.group.append(dot);
      const distances = index === 0 ? ['0%', '100%'] : ['100%', '0%'];
      const travel = dot.animate(
        { offsetDistance: distances },
        { duration: travelMs, easing: 'ease-in-out' },
      );
      travel.onfinish = () => dot.remove();
    }
  }
}

/** A line that goes straight has no corners. */
function isCorner(point: Point, index: number, points: readonly Point[]): boolean {
  const before = points[index - 1];
  return !before || Math.hypot(point.x - before.x, point.y - before.y) > 1;
}
