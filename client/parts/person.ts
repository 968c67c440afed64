// What somebody says of themselves, as far as it can be shown. It comes from a remote, and is not trusted.
import { isColour } from './colour.ts';

export interface Person {
  readonly name: string;
  readonly colour: string;
}

/** Bounds what a remote can make this window draw. */
export const maxNameLength = 40;

const unknownColour = '#6b7280';

/** Takes from a presence state only what has the shape of a name and a colour, in the fields that stock editors use. */
export function personIn(state: unknown): Person {
  const { user } = (state ?? {}) as { user?: { name?: unknown; color?: unknown } | null };
  return {
    name: nameFrom(user?.name) || 'Somebody',
    colour: isColour(user?.color) ? user.color.toLowerCase() : unknownColour,
  };
}

/** A name without what would break a line, or turn the writing around it; empty if nothing is left to see. */
export function nameFrom(text: unknown): string {
  if (typeof text !== 'string') return '';
  // A slice first: somebody may send megabytes.
  const plain = text
    .slice(0, 10 * maxNameLength)
    .replaceAll(unseemly, ' ')
    .trim();
  const name = characters(plain).slice(0, maxNameLength).join('').trim();
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(name) ? name : '';
}

/** Control characters, line ends, and marks of direction. Joiners stay: there are scripts that need them. */
const unseemly = /[\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** Of the first word and the last one a character each. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0]!, words.at(-1)!] : words;
  return ends.map((word) => characters(word)[0]!.toUpperCase()).join('');
}

/** What readers see as one character each, of however many code points. */
function characters(text: string): string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

const moods = ['Bright', 'Calm', 'Clever', 'Gentle', 'Jolly', 'Kind', 'Lively', 'Merry', 'Quick', 'Sunny'];
const animals = ['Badger', 'Dolphin', 'Finch', 'Heron', 'Lynx', 'Marmot', 'Otter', 'Robin', 'Seal', 'Wren'];

/** A friendly name for somebody who has not said theirs. */
export function inventedName(): string {
  return `${oneOf(moods)} ${oneOf(animals)}`;
}

export function oneOf(choices: readonly string[]): string {
  return choices[Math.floor(Math.random() * choices.length)]!;
}
