// The list of visited documents in the page, kept by the browser and the same in all of its windows.
import { hashOf } from './address.ts';
import { recall, remember } from './memory.ts';
import { element, icon } from '../parts/page.ts';
import { forgotten, type Visit, visited, visitsIn } from './visits.ts';

const key = 'visited';

export class VisitedList {
  readonly #list = element('#visited', HTMLOListElement);
  readonly #heading = element('#documents', HTMLElement);
  #current = '';

  constructor() {
    addEventListener('storage', () => this.#draw());
  }

  /** Puts a document first, and marks it as the one that is open. */
  visit(name: string): void {
    this.#current = name;
    this.#keep(visited(this.#visits, { name, atMs: Date.now() }));
  }

  get #visits(): Visit[] {
    return visitsIn(recall('localStorage', key));
  }

  #forget(name: string): void {
    const at = this.#visits.findIndex((visit) => visit.name === name);
    this.#keep(forgotten(this.#visits, name));
    // What had the focus is gone: it goes to the one that took its place.
    const buttons = this.#list.querySelectorAll('button');
    (buttons[Math.min(at, buttons.length - 1)] ?? this.#heading).focus();
  }

  #keep(visits: Visit[]): void {
    remember('localStorage', key, JSON.stringify(visits));
    this.#draw();
  }

  #draw(): void {
    this.#list.replaceChildren(...this.#visits.map((visit) => this.#item(visit)));
  }

  #item({ name }: Visit): HTMLLIElement {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = hashOf(name);
    const words = document.createElement('span');
    words.textContent = name;
    link.append(words);
    if (name === this.#current) link.ariaCurrent = 'page';
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'quiet';
    button.ariaLabel = `Remove ${name} from the list`;
    button.title = button.ariaLabel;
    button.append(icon('close'));
    button.addEventListener('click', () => this.#forget(name));
    item.append(link, button);
    return item;
  }
}
