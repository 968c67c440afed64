// Walks over a change graph: what a peer lacks that has certain changes, and all that those build on.
import type { ChangeGraph } from '../../port/changes.ts';
import type { BloomFilter } from './bloom.ts';
import type { Hash } from './sync-message.ts';

/** Indexes of the committed ones among some changes. */
export function indexesOf(graph: ChangeGraph, hashes: readonly Hash[]): number[] {
  const indexes: number[] = [];
  for (const hash of hashes) {
    const index = graph.indexOf(hash);
    if (index !== undefined) indexes.push(index);
  }
  return indexes;
}

/**
 * Indexes of the committed changes that are neither among those at `known` nor something that one of them builds on, in ascending
 * order. Costs as much as there are such changes, however large the graph is.
 */
export function changesBeyond(graph: ChangeGraph, known: readonly number[]): number[] {
  if (known.length === 0) return Array.from({ length: graph.committedCount }, (_, index) => index);
  const heads = indexesOf(graph, graph.committedHeads);
  // Who has just said that it has everything, as nearly everybody has at nearly any time.
  if (heads.every((head) => known.includes(head))) return [];
  const front = new Front();
  for (const index of heads) front.add(index, false);
  for (const index of known) front.add(index, true);
  const beyond: number[] = [];
  while (front.hasUnknown) {
    const { index, isKnown } = front.take();
    if (!isKnown) beyond.push(index);
    for (const dependency of graph.dependenciesOf(index)) front.add(dependency, isKnown);
  }
  return beyond.toReversed();
}

/** Of changes in ascending order those that a peer with these filters lacks, with all that build on them. */
export function notIn(
  filters: readonly BloomFilter[],
  graph: ChangeGraph,
  indexes: readonly number[],
): number[] {
  const lacking = new Set<number>();
  for (const index of indexes) {
    const hash = graph.hashAt(index);
    // Who lacks something lacks what builds on it, whatever a filter makes believe.
    const isLacking =
      !filters.every((filter) => filter.has(hash)) ||
      graph.dependenciesOf(index).some((dependency) => lacking.has(dependency));
    if (isLacking) lacking.add(index);
  }
  return [...lacking];
}

/** Whether who has the changes at `known` has those at `indexes` as well. */
export function covers(graph: ChangeGraph, known: readonly number[], indexes: readonly number[]): boolean {
  const wanted = new Set(indexes);
  const lowest = Math.min(...indexes);
  const seen = new Set(known);
  // The set grows while it is walked.
  for (const index of seen) {
    wanted.delete(index);
    if (wanted.size === 0) return true;
    if (index > lowest) for (const dependency of graph.dependenciesOf(index)) seen.add(dependency);
  }
  return wanted.size === 0;
}

/** Changes on the way down from the heads, the highest index first: all that build on a change have been taken when it is. */
class Front {
  /** A binary heap; parents are not lower than their children. */
  readonly #heap: number[] = [];
  /** By index, whether the peer is known to have it. */
  readonly #isKnown = new Map<number, boolean>();
  #unknown = 0;

  /** Whether there is something that the peer may lack. */
  get hasUnknown(): boolean {
    return this.#unknown > 0;
  }

  add(index: number, isKnown: boolean): void {
    const before = this.#isKnown.get(index);
    if (before === undefined) {
      this.#isKnown.set(index, isKnown);
      if (!isKnown) this.#unknown++;
      this.#raise(index);
    } else if (isKnown && !before) {
      this.#isKnown.set(index, true);
      this.#unknown--;
    }
  }

  take(): { index: number; isKnown: boolean } {
    const index = this.#lower();
    const isKnown = this.#isKnown.get(index)!;
    this.#isKnown.delete(index);
    if (!isKnown) this.#unknown--;
    return { index, isKnown };
  }

  #raise(index: number): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(index);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]! >= index) break;
      heap[at] = heap[parent]!;
      heap[(at = parent)] = index;
    }
  }

  /** Takes the highest out. */
  #lower(): number {
    const heap = this.#heap;
    const highest = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return highest;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]! > heap[child]!) child++;
      if (heap[child]! <= last) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return highest;
  }
}
