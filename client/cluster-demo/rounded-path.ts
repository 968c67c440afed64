// A line of straight pieces with rounded corners, as an SVG path. Pure.

export interface Point {
  readonly x: number;
  readonly y: number;
}

export function roundedPath(points: readonly Point[], radius: number): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const pieces = rest.map((corner, index) => {
    const next = rest[index + 1];
    if (!next) return `L${text(corner)}`;
    const before = index === 0 ? first : rest[index - 1]!;
    const bend = Math.min(radius, distance(before, corner) / 2, distance(corner, next) / 2);
    return `L${text(towards(corner, before, bend))}Q${text(corner)} ${text(towards(corner, next, bend))}`;
  });
  return `M${text(first)}${pieces.join('')}`;
}

function towards(from: Point, to: Point, by: number): Point {
  const whole = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * by) / whole, y: from.y + ((to.y - from.y) * by) / whole };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function text({ x, y }: Point): string {
  return `${round(x)} ${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
