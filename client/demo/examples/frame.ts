// What all examples have around the app: the source of its connection, who is here, and what its client knows.
import { element } from '../../parts/page.ts';
import type { Line } from '../../parts/status-line.ts';
import { SteadyLine } from '../../parts/steady-line.ts';
import { showPeople } from '../people.ts';
import type { Present } from '../people.ts';
import { statusView } from '../status-view.ts';
import { exampleIn } from './address.ts';
import { shownSource } from './source.ts';

export interface Description {
  readonly title: string;
  /** What the app is made of. */
  readonly about: string;
  /** What its client cannot know. */
  readonly caution?: string;
  /** How the same document is reached by others: text, and elements for what is to stand out. */
  readonly elsewhere: readonly (string | Node)[];
  /** The file that connects the app. */
  readonly source: string;
  readonly document: string;
  /** What the button does that is shown where trying again is of use. */
  readonly retry: () => void;
}

/** What a client says of itself, by the names that its properties have. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

export class Frame {
  /** Where the app is in the page. */
  readonly app = element('#app', HTMLElement);
  readonly #facts = element('#facts', HTMLElement);
  readonly #values = new Map<string, HTMLElement>();
  readonly #people = element('#people', HTMLElement);
  readonly #line: SteadyLine;

  constructor({ title, about, caution, elsewhere, source, document: name, retry }: Description) {
    document.title = `${title} · Syncline`;
    element('#title', HTMLElement).textContent = title;
    element('#about', HTMLElement).textContent = about;
    element('#caution', HTMLElement).textContent = caution ?? '';
    element('#elsewhere', HTMLElement).replaceChildren(...elsewhere);
    element('#source', HTMLElement).replaceChildren(...code(source));
    this.#fact('Document', name);
    this.#line = new SteadyLine(statusView(retry));
    element('#second', HTMLAnchorElement).href = location.href;
    // The address names the document: another one is another page.
    addEventListener('hashchange', () => location.reload());
  }

  showFacts(facts: Facts): void {
    for (const [name, value] of Object.entries(facts)) this.#fact(name, String(value ?? '–'));
  }

  showLine(line: Line): void {
    this.#line.take(line);
  }

  showPeople(people: readonly Present[]): void {
    showPeople(this.#people, people);
  }

  #fact(name: string, value: string): void {
    const shown = this.#values.get(name) ?? this.#newFact(name);
    if (shown.textContent !== value) shown.textContent = value;
  }

  #newFact(name: string): HTMLElement {
    const pair = document.createElement('div');
    const term = document.createElement('dt');
    term.textContent = name;
    const value = document.createElement('dd');
    pair.append(term, value);
    this.#facts.append(pair);
    this.#values.set(name, value);
    return value;
  }
}

/** Marks the example that is shown; a token goes along to the others. */
export function bindLinks(): void {
  for (const anchor of document.querySelectorAll<HTMLAnchorElement>('nav a, #brand')) {
    anchor.search = location.search;
    if (exampleIn(anchor.href) === exampleIn(location.href)) anchor.ariaCurrent = 'page';
  }
}

function code(source: string): HTMLElement[] {
  return shownSource(source).map(({ text, changes }) => {
    const line = document.createElement(changes ? 'mark' : 'span');
    line.textContent = `${text}\n`;
    return line;
  });
}

/** What is to be typed as it is. */
export function literal(text: string): HTMLElement {
  const words = document.createElement('code');
  words.textContent = text;
  return words;
}

export function link(text: string, href: string): HTMLAnchorElement {
  const anchor = document.createElement('a');
  anchor.textContent = text;
  anchor.href = href;
  return anchor;
}
