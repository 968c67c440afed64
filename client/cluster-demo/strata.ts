// A picture for a digest: layers of rock in a fold, the same for the same digest, and seen to be another for another. Pure.

interface Layer {
  /** Where it begins, in hundredths of the height. */
  readonly top: number;
  /** From 0, the lightest, to 3. Layers that touch differ. */
  readonly tone: number;
}

export interface Strata {
  /** In degrees. */
  readonly hue: number;
  readonly layers: readonly Layer[];
}

const layerCount = 6;
/** Neighbours among the hues can be told apart. */
const hueCount = 12;
/** What is nearer is taken for the same. */
const likeDegrees = 80;
/** What an empty document has: the product's own colour. */
const firstHue = 180;

/** Of a digest in hexadecimal: its first bytes decide. */
export function strataOf(root: string): Strata {
  const byte = (at: number): number => Number.parseInt(root.slice(2 * at, 2 * at + 2), 16) || 0;
  const heights = Array.from({ length: layerCount }, (_, index) => 2 + (byte(index + 1) % 7));
  const whole = heights.reduce((sum, height) => sum + height, 0);
  let above = 0;
  const layers = heights.map((height, index) => {
    const top = Math.round((above / whole) * 100);
    above += height;
    return { top, tone: (index % 2) * 2 + (byte(index + 7) % 2) };
  });
  return { hue: (firstHue + (byte(0) % hueCount) * (360 / hueCount)) % 360, layers };
}

/**
 * Hues for the digests that are seen at once: each its own unless that is much like one seen already. `before` are those that
 * were given last, which stay as they were.
 */
export function huesApart(
  roots: readonly string[],
  before: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const given = new Map([...before].filter(([root]) => roots.includes(root)));
  for (const root of roots) {
    if (given.has(root)) continue;
    let { hue } = strataOf(root);
    for (let tries = 0; tries < hueCount && isLikeOne(hue, given.values()); tries++)
      hue = (hue + 360 / hueCount) % 360;
    given.set(root, hue);
  }
  return given;
}

function isLikeOne(hue: number, others: Iterable<number>): boolean {
  return [...others].some((other) => 180 - Math.abs(180 - Math.abs(hue - other)) < likeDegrees);
}

/** The beginning of a digest, as it can be compared by eye. */
export function shortDigest(root: string): string {
  return `${root.slice(0, 4)} ${root.slice(4, 8)}`;
}
