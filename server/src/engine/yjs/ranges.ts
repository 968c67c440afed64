// A set of clocks as sorted, disjoint, non-adjacent half-open ranges in one flat array: [start, end, start, end, …].

/** Called with each part of an added range that was not in the set before. */
export type Visit = (start: number, end: number) => void;

export class Ranges {
  #bounds: number[];

  constructor(bounds: number[] = []) {
    this.#bounds = bounds;
  }

  get bounds(): readonly number[] {
    return this.#bounds;
  }

  get count(): number {
    return this.bounds.length / 2;
  }

  /** The end of the range that starts at 0, or 0 if there is none: everything below it is held. */
  get contiguousEnd(): number {
    return this.bounds[0] === 0 ? this.bounds[1]! : 0;
  }

  includes(start: number, end: number): boolean {
    const at = this.#firstEndingAtOrAfter(end);
    return at < this.bounds.length && this.bounds[at]! <= start;
  }

  /** Whether some of these clocks are in the set. */
  overlaps(start: number, end: number): boolean {
    const { bounds } = this;
    const last = bounds.length - 1;
    // What is typed lies behind all that is held.
    if (last < 0 || bounds[last]! <= start) return false;
    const at = this.#firstEndingAtOrAfter(start + 1);
    return at < bounds.length && bounds[at]! < end;
  }

  /** Whether some of these clocks are in the set and not in another one. */
  overlapsBeyond(other: Ranges | undefined, start: number, end: number): boolean {
    const { bounds } = this;
    for (let at = this.#firstEndingAtOrAfter(start + 1); at < bounds.length && bounds[at]! < end; at += 2) {
      if (!other?.includes(Math.max(bounds[at]!, start), Math.min(bounds[at + 1]!, end))) return true;
    }
    return false;
  }

  /** Adds a range and visits what of it is new. */
  add(start: number, end: number, visit: Visit): void {
    const bounds = this.#bounds;
    const last = bounds.length - 1;
    // Typing appends at the end of the last range; everything else takes the general way.
    if (last > 0 && bounds[last] === start) {
      bounds[last] = end;
      visit(start, end);
      return;
    }
    const first = this.#firstEndingAtOrAfter(start);
    let at = first;
    let cursor = start;
    let joinedStart = start;
    let joinedEnd = end;
    let isNew = false;
    while (at < bounds.length && bounds[at]! <= end) {
      const rangeStart = bounds[at]!;
      const rangeEnd = bounds[at + 1]!;
      if (cursor < rangeStart) {
        visit(cursor, rangeStart);
        isNew = true;
      }
      cursor = Math.max(cursor, rangeEnd);
      joinedStart = Math.min(joinedStart, rangeStart);
      joinedEnd = Math.max(joinedEnd, rangeEnd);
      at += 2;
    }
    if (cursor < end) visit(cursor, end);
    else if (!isNew) return;
    bounds.splice(first, at - first, joinedStart, joinedEnd);
  }

  /**
   * Adds many ranges, ascending and disjoint, in one pass over both lists: as many splices of a long list held up
   * everybody for 25 s. Visits what of them is new.
   */
  addAll(added: readonly number[], visit: Visit): void {
    const { bounds } = this;
    const joined: number[] = [];
    let heldEnd = 0;
    for (let at = 0, next = 0; at < bounds.length || next < added.length;) {
      const isHeld = next === added.length || bounds[at]! <= added[next]!;
      const [start, end] = isHeld ? [bounds[at]!, bounds[at + 1]!] : [added[next]!, added[next + 1]!];
      const last = joined.length - 1;
      if (last > 0 && start <= joined[last]!) joined[last] = Math.max(joined[last]!, end);
      else joined.push(start, end);
      if (isHeld) {
        heldEnd = end;
        at += 2;
        continue;
      }
      next += 2;
      let cursor = Math.max(start, heldEnd);
      for (let over = at; cursor < end && bounds[over]! < end; over += 2) {
        if (cursor < bounds[over]!) visit(cursor, bounds[over]!);
        cursor = bounds[over + 1]!;
      }
      if (cursor < end) visit(cursor, end);
    }
    this.#bounds = joined;
  }

  /** Takes out a range, all of which is in the set. */
  remove(start: number, end: number): void {
    const at = this.#firstEndingAtOrAfter(end);
    const rangeStart = this.#bounds[at];
    const rangeEnd = this.#bounds[at + 1];
    if (rangeStart === undefined || rangeEnd === undefined || rangeStart > start) {
      throw new Error('a range was withdrawn that is not held');
    }
    const kept: number[] = [];
    if (rangeStart < start) kept.push(rangeStart, start);
    if (end < rangeEnd) kept.push(end, rangeEnd);
    this.#bounds.splice(at, 2, ...kept);
  }

  /** Index in `bounds` of the first range whose end is at or after `clock`. */
  #firstEndingAtOrAfter(clock: number): number {
    const { bounds } = this;
    let low = 0;
    let high = bounds.length / 2;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (bounds[middle * 2 + 1]! < clock) low = middle + 1;
      else high = middle;
    }
    return low * 2;
  }
}
