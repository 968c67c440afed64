// A link in the page: its switch, how it is, and what waits at either end.
import { element } from '../parts/page.ts';
import type { LinkNow, Way } from './snapshot.ts';
import { cut } from './switchboard.ts';
import { isOwed, lagText, roundTripText, stateText } from './words.ts';

export class LinkView {
  readonly section: HTMLElement;
  readonly #switch: HTMLButtonElement;
  readonly #nameOf: (place: string) => string;
  #isCut = false;

  constructor(link: LinkNow, nameOf: (place: string) => string) {
    const template = element('#link', HTMLTemplateElement);
    this.section = element('section', HTMLElement, template.content).cloneNode(true) as HTMLElement;
    this.#nameOf = nameOf;
    this.section.id = link.id;
    this.#switch = element('button', HTMLButtonElement, this.section);
    const ends = link.ends.map(nameOf).join(' – ');
    this.#text('.link-name', ends);
    this.#switch.ariaLabel = `Link ${ends}`;
    this.#switch.addEventListener('click', () => void cut([link.id], !this.#isCut));
  }

  /** Where the line passes. */
  get anchor(): Element {
    return this.#switch;
  }

  show(link: LinkNow): void {
    this.#isCut = link.isCut;
    this.#switch.ariaChecked = String(!link.isCut);
    this.section.dataset['state'] = link.isCut ? 'cut' : link.isConnected ? 'live' : 'dialing';
    this.#text('.link-state', stateText(link));
    this.#text('.round-trip', roundTripText(link.roundTripMs));
    for (const [index, way] of link.ways.entries()) this.#way(index, way);
  }

  #way(index: number, way: Way): void {
    const row = this.section.querySelectorAll<HTMLElement>('.way')[index]!;
    row.classList.toggle('is-waiting', isOwed(way));
    element('dt', HTMLElement, row).textContent = `To ${this.#nameOf(way.to)}`;
    element('dd', HTMLElement, row).textContent = lagText(way);
  }

  #text(selector: string, text: string): void {
    element(selector, HTMLElement, this.section).textContent = text;
  }
}
