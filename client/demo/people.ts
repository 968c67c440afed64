// The list of everybody who is here, this window first: initials in the person's colour, and the name.
import type { Awareness } from 'y-protocols/awareness';
import { inkOn } from '../parts/colour.ts';
import { initials, personIn } from '../parts/person.ts';

/** Bounds what remotes can make this window draw. */
const maxShown = 12;

/** Somebody who is here, and what they say of themselves in the fields of stock editors. */
export interface Present {
  readonly state: unknown;
  readonly isThisWindow: boolean;
}

/** Everybody of whom a document's presence tells, this window first. */
export function presentIn(presence: Awareness): Present[] {
  const rank = (client: number): number => (client === presence.clientID ? 0 : 1);
  return [...presence.getStates()]
    .toSorted(([a], [b]) => rank(a) - rank(b) || a - b)
    .map(([client, state]) => ({ state, isThisWindow: client === presence.clientID }));
}

export function showPeople(list: HTMLElement, people: readonly Present[]): void {
  const items = people.slice(0, maxShown).map(entry);
  if (people.length > maxShown) items.push(more(people.length - maxShown));
  list.replaceChildren(...items);
}

function entry({ state, isThisWindow }: Present): HTMLLIElement {
  const { name, colour } = personIn(state);
  const item = document.createElement('li');
  const badge = document.createElement('span');
  badge.className = 'badge';
  badge.ariaHidden = 'true';
  badge.textContent = initials(name);
  badge.style.backgroundColor = colour;
  badge.style.color = inkOn(colour);
  const words = document.createElement('span');
  words.className = 'person-name';
  words.textContent = isThisWindow ? `${name} (you)` : name;
  item.title = words.textContent;
  item.append(badge, words);
  return item;
}

function more(count: number): HTMLLIElement {
  const item = document.createElement('li');
  item.className = 'more';
  item.textContent = `and ${count} more`;
  return item;
}
