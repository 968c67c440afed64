// The colours of people, and how well they can be read: contrast as WCAG 2.2 defines it.

/**
 * Each is dark enough for a white name on it, and light enough to be seen as a cursor on the dark page. Written as every
 * editor for Yjs writes them.
 */
export const palette = [
  '#2563eb',
  '#c2410c',
  '#15803d',
  '#c026d3',
  '#0e7490',
  '#d6336c',
  '#8250df',
  '#a16207',
] as const;

export type Ink = '#000000' | '#ffffff';

/** What is written on a colour. Whatever the colour, the better of the two has a contrast of at least 4.58 to 1. */
export function inkOn(colour: string): Ink {
  return contrast(colour, '#ffffff') >= contrast(colour, '#000000') ? '#ffffff' : '#000000';
}

/** From 1, for the same colour twice, to 21, for black and white. */
export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].toSorted((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/**
 * A colour for somebody who has `own` among people with the colours `taken`, of whom those `before` keep theirs: one of the two
 * who have the same changes it, as long as one is free.
 */
export function colourApart(own: string, before: readonly string[], taken: readonly string[]): string {
  if (!before.includes(own)) return own;
  return palette.find((colour) => !taken.includes(colour)) ?? own;
}

export function isColour(text: unknown): text is string {
  return typeof text === 'string' && /^#[0-9a-f]{6}$/i.test(text);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(colour.slice(at, at + 2), 16) / 255),
  );
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
