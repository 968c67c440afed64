// Who is here: this window's own name and colour, and the list of everybody's. What others say of themselves is not trusted.
import type { Awareness } from 'y-protocols/awareness';

const moods = ['Bright', 'Calm', 'Clever', 'Gentle', 'Jolly', 'Kind', 'Lively', 'Merry', 'Quick', 'Sunny'];
const animals = ['Badger', 'Dolphin', 'Finch', 'Heron', 'Lynx', 'Marmot', 'Otter', 'Robin', 'Seal', 'Wren'];
const colours = ['#e11d48', '#ea580c', '#ca8a04', '#16a34a', '#0891b2', '#2563eb', '#7c3aed', '#c026d3'];

/** Both bound what a remote can make this window draw. */
const maxNameLength = 40;
const maxShown = 30;

interface Person {
  readonly name: string;
  readonly color: string;
}

/** Tells the others a friendly name, the same for as long as the window lives. `user` is the field stock editors use. */
export function enter(awareness: Awareness, storage: Storage): void {
  const name = storage.getItem('syncline-name') ?? `${pick(moods)} ${pick(animals)}`;
  const color = storage.getItem('syncline-colour') ?? pick(colours);
  storage.setItem('syncline-name', name);
  storage.setItem('syncline-colour', color);
  awareness.setLocalStateField('user', { name, color } satisfies Person);
}

export function showPeople(list: HTMLUListElement, awareness: Awareness): void {
  const show = () => {
    const states = [...awareness.getStates()].toSorted(([a], [b]) => rank(a) - rank(b) || a - b);
    const items = states
      .slice(0, maxShown)
      .map(([client, state]) => entry(person(state), rank(client) === 0));
    if (states.length > maxShown) items.push(line(`and ${states.length - maxShown} more`));
    list.replaceChildren(...items);
  };
  const rank = (client: number) => (client === awareness.clientID ? 0 : 1);
  awareness.on('change', show);
  show();
}

/** Takes from a presence state only what has the shape of a name and a colour. */
export function person(state: unknown): Person {
  const { user } = (state ?? {}) as { user?: Partial<Record<keyof Person, unknown>> | null };
  const name = typeof user?.name === 'string' ? user.name.trim().slice(0, maxNameLength) : '';
  const color =
    typeof user?.color === 'string' && /^#[0-9a-f]{6}$/i.test(user.color) ? user.color : '#888888';
  return { name: name || 'Somebody', color };
}

function entry({ name, color }: Person, isThisWindow: boolean): HTMLLIElement {
  const item = line(isThisWindow ? `${name} (you)` : name);
  const dot = document.createElement('span');
  dot.style.backgroundColor = color;
  item.prepend(dot);
  return item;
}

function line(text: string): HTMLLIElement {
  const item = document.createElement('li');
  item.textContent = text;
  return item;
}

function pick(from: readonly string[]): string {
  return from[Math.floor(Math.random() * from.length)]!;
}
