// The page: three replicas side by side, a text on each of them, and the links between them with a switch on each.
import { palette } from '../parts/colour.ts';
import { element, pageNonce } from '../parts/page.ts';
import { Emblem } from './emblem.ts';
import { Figure } from './figure.ts';
import { HeadlineView } from './headline-view.ts';
import { LinkView } from './link-view.ts';
import { ReplicaView } from './replica-view.ts';
import type { Place, ReplicaNow, Snapshot } from './snapshot.ts';
import { huesApart } from './strata.ts';
import { cut } from './switchboard.ts';

/** Of the people at each replica: three that are told apart by everybody. */
const colours = [palette[0], palette[1], palette[3]];

class Page {
  readonly #headline = new HeadlineView();
  readonly #emblem: Emblem;
  readonly #replicas: ReadonlyMap<Place, ReplicaView>;
  readonly #links: ReadonlyMap<string, LinkView>;
  readonly #figure: Figure;
  readonly #main = element('#cluster', HTMLElement);
  readonly #heal = element('#heal', HTMLButtonElement);
  #hues: ReadonlyMap<string, number> = new Map();

  constructor({ replicas, links }: Snapshot) {
    const nonce = pageNonce();
    const nameOf = (place: Place): string => replicas.find((replica) => replica.place === place)!.name;
    this.#emblem = new Emblem(element('#headline', HTMLElement), replicas.length);
    this.#links = new Map(links.map((link) => [link.id, new LinkView(link, nameOf)]));
    this.#replicas = new Map(
      replicas.map((replica, index) => {
        const own = links.filter(({ ends }) => ends.includes(replica.place)).map(({ id }) => id);
        const colour = colours[index % colours.length]!;
        return [
          replica.place,
          new ReplicaView({ replica, count: replicas.length, colour, links: own, nonce }),
        ];
      }),
    );
    for (const { place } of replicas) {
      const next = links.find(({ ends }) => ends[0] === place);
      this.#main.append(this.#replicas.get(place)!.section);
      if (next) this.#main.append(this.#links.get(next.id)!.section);
    }
    this.#figure = new Figure(
      links.map(({ id, ends }) => ({
        id,
        from: this.#replicas.get(ends[0])!.ends,
        past: this.#links.get(id)!.anchor,
        to: this.#replicas.get(ends[1])!.ends,
      })),
    );
    this.#heal.addEventListener('click', () => void cut([...this.#links.keys()], false));
  }

  show(snapshot: Snapshot): void {
    const { replicas, links } = snapshot;
    this.#hues = huesApart(
      replicas.map(({ says }) => says?.root ?? ''),
      this.#hues,
    );
    const hueOf = ({ says }: ReplicaNow): number => this.#hues.get(says?.root ?? '')!;
    for (const link of links) this.#links.get(link.id)!.show(link);
    for (const replica of replicas) {
      const own = links.filter(({ ends }) => ends.includes(replica.place));
      const isCutOff = own.every(({ isCut }) => isCut);
      this.#replicas.get(replica.place)!.show(replica, { hue: hueOf(replica), isCutOff });
    }
    this.#heal.hidden = links.every(({ isCut }) => !isCut);
    this.#emblem.show(replicas, hueOf);
    this.#figure.show(snapshot);
    if (this.#headline.show(snapshot)) celebrate();
  }

  set isStopped(isStopped: boolean) {
    for (const replica of this.#replicas.values()) replica.isStopped = isStopped;
    if (isStopped) this.#headline.stopped();
  }
}

/** The moment in which they are known to agree again. */
function celebrate(): void {
  const { body } = document;
  body.classList.remove('has-agreed');
  // Else an animation that has run does not run again.
  void body.offsetWidth;
  body.classList.add('has-agreed');
}

let page: Page | undefined;
let servers: string | undefined;
const events = new EventSource('events');
events.addEventListener('message', ({ data }: MessageEvent<string>) => {
  const snapshot = JSON.parse(data) as Snapshot;
  const now = snapshot.replicas.map(({ sync }) => sync).join(' ');
  servers ??= now;
  // They were started again, and listen elsewhere.
  if (now !== servers) return location.reload();
  page ??= new Page(snapshot);
  page.isStopped = false;
  page.show(snapshot);
});
events.addEventListener('error', () => {
  if (page) page.isStopped = true;
});
