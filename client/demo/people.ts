// The list of everybody who is here, this window first: initials in the person's colour, and the name.
import type { Awareness } from 'y-protocols/awareness';
import { inkOn } from '../parts/colour.ts';
import { initials, type Person, personIn } from '../parts/person.ts';

/** Bounds what remotes can make this window draw. */
const maxShown = 12;

export function showPeople(list: HTMLElement, presence: Awareness): void {
  const rank = (client: number): number => (client === presence.clientID ? 0 : 1);
  const states = [...presence.getStates()].toSorted(([a], [b]) => rank(a) - rank(b) || a - b);
  const items = states
    .slice(0, maxShown)
    .map(([client, state]) => entry(personIn(state), client === presence.clientID));
  if (states.length > maxShown) items.push(more(states.length - maxShown));
  list.replaceChildren(...items);
}

function entry({ name, colour }: Person, isThisWindow: boolean): HTMLLIElement {
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
