// The version of an Automerge document: which changes are held, and what each builds on. It knows nothing of what they do.
//
// A change that builds on something that is not here is an orphan, held beside the graph until that comes. Invariants: a change comes
// after everything that it builds on; what is committed comes before what is not; additions are withdrawn from the end alone.
import { encodeHeadsRequest, headsFingerprint, sampleIndexes } from '@syncline/shared';
import type { Addition, ReaderRequest, Summary, Version } from '../../port/engine.ts';
import { Ancestry, SearchBudget } from './ancestry.ts';
import { type ChangeHash, GraphDigest, headKind } from './graph-digest.ts';
import { decodeGraph, encodeGraph, type Latest } from './graph-encoding.ts';
import { Heads } from './heads.ts';
import { malformed } from './malformed.ts';
import { keyOf, type Orphan, Orphans } from './orphans.ts';
import { fromRequest, lackingRequest } from './request.ts';
import { type CheckedChange, fromSummary } from './summary.ts';

/** Some 100 MB in memory, and 70 MB beside the snapshot. */
export const maxChanges = 2_000_000;
/**
 * Whoever loads a document makes room for every number between the last operation of what a change builds on and the change's own last
 * one, some 160 bytes each, all at once. There are such in between only where somebody has gone back to edit an earlier state.
 */
export const maxUnusedNumbers = 2_000_000;
/** An orphan costs ten times what a change in the graph does. */
export const maxOrphans = 20_000;

/** A change that went into the graph, and what was there before it. */
interface Step {
  readonly actor: string;
  readonly before: Latest | undefined;
  readonly covered: readonly number[];
  readonly orphan: Orphan | undefined;
  readonly unused: number;
}

interface Added {
  readonly steps: Step[];
  readonly orphans: Orphan[];
  /** How many changes the graph had after it. */
  end: number;
}

export class ChangeGraph implements Version {
  readonly #ancestry: Ancestry;
  readonly #digest: GraphDigest;
  readonly #orphans: Orphans;
  readonly #heads: Heads;
  readonly #committedHeads: Heads;
  readonly #actors = new Map<string, Latest>();
  #committedCount = 0;
  /** Numbers of operations that changes have left out. */
  #unusedNumbers = 0;
  #request: Uint8Array | undefined;

  constructor(hash: ChangeHash, capacity?: number) {
    this.#ancestry = new Ancestry(hash.seed, capacity);
    this.#digest = new GraphDigest(hash);
    this.#orphans = new Orphans(this.#digest);
    this.#heads = new Heads(this.#ancestry);
    this.#committedHeads = new Heads(this.#ancestry);
  }

  /** What `encode` gave; all of it is committed. Throws for anything else. */
  static decode(bytes: Uint8Array, hash: ChangeHash): ChangeGraph {
    let decoded: ChangeGraph | undefined;
    decodeGraph(bytes, (count, unusedNumbers) => {
      const graph = (decoded = new ChangeGraph(hash, count));
      graph.#unusedNumbers = unusedNumbers;
      return {
        change: (each, deps, laterBy) => {
          graph.#ancestry.push(each, deps, graph.#ancestry.maxOpOfAll(deps) + laterBy);
          graph.#heads.extend(graph.#ancestry.size - 1);
        },
        orphan: (orphan) => graph.#orphans.add(orphan),
        actor: (actor, latest) => graph.#actors.set(actor, latest),
      };
    });
    decoded!.#isStored();
    return decoded!;
  }

  /** How many changes are held, what is pending and orphans included. */
  get size(): number {
    return this.#ancestry.size + this.#orphans.size;
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  /** The heads of everything in the graph, sorted; copies. */
  get heads(): readonly Uint8Array[] {
    return this.#heads.hashes;
  }

  /** The heads of what is committed, sorted; copies. */
  get committedHeads(): readonly Uint8Array[] {
    return this.#committedHeads.hashes;
  }

  /** Changes at indexes below this are committed. What a change builds on has a lower index than it. */
  get committedCount(): number {
    return this.#committedCount;
  }

  isCommitted(index: number): boolean {
    return index < this.#committedCount;
  }

  /** Of a committed change that is no orphan. */
  indexOf(hash: Uint8Array): number | undefined {
    const index = this.#ancestry.indexOf(hash);
    return index !== undefined && this.isCommitted(index) ? index : undefined;
  }

  /** A view, good until something is added. */
  hashAt(index: number): Uint8Array {
    return this.#ancestry.hashAt(index);
  }

  dependenciesOf(index: number): readonly number[] {
    return Array.from(this.#ancestry.depsOf(index));
  }

  /** What is not held, and some of these, as far as they are held, build on. */
  missingBefore(hashes: readonly Uint8Array[]): readonly Uint8Array[] {
    if (this.#orphans.size === 0) return [];
    return this.#orphans.missingBefore(hashes, (hash) => this.#ancestry.indexOf(hash) !== undefined);
  }

  /** Whether a change is held, be it an orphan. */
  has(hash: Uint8Array): boolean {
    return this.#ancestry.indexOf(hash) !== undefined || this.#orphans.has(hash);
  }

  digest(): Uint8Array {
    return this.#digest.bytes();
  }

  hasPlace(summary: Summary): boolean {
    const { changes } = fromSummary(summary);
    const isWhole = this.#orphans.size + changes.length <= maxOrphans || this.#holdsBasisOf(changes);
    return isWhole && this.size + changes.length <= maxChanges;
  }

  /** Throws `malformed_update`, with nothing added, for a change that cannot be held beside what is. */
  add(summary: Summary): Addition | undefined {
    const added: Added = { steps: [], orphans: [], end: 0 };
    const budget = new SearchBudget();
    try {
      for (const change of fromSummary(summary).changes) this.#take(change, added, budget);
    } catch (error) {
      this.#undo(added);
      throw error;
    }
    if (added.steps.length + added.orphans.length === 0) return undefined;
    added.end = this.#ancestry.size;
    return added as unknown as Addition;
  }

  withdraw(addition: Addition): void {
    const added = addition as unknown as Added;
    if (added.end !== this.#ancestry.size) throw new Error('an addition was withdrawn before a later one');
    this.#undo(added);
  }

  settled(addition: Addition): void {
    this.#commitTo((addition as unknown as Added).end);
  }

  hasGap(summary: Summary): boolean {
    return fromSummary(summary).changes.some(({ hash }) => this.#ancestry.indexOf(hash) === undefined);
  }

  request(): Uint8Array {
    return (this.#request ??= encodeHeadsRequest({
      heads: this.heads,
      samples: sampleIndexes(this.#ancestry.size).map((index) => this.#ancestry.hashAt(index)),
    }));
  }

  fingerprint(): Uint8Array {
    return headsFingerprint(this.heads);
  }

  lacks(request: ReaderRequest): boolean {
    return fromRequest(request).heads.some((hash) => this.#ancestry.indexOf(hash) === undefined);
  }

  narrow(request: ReaderRequest): ReaderRequest {
    const { heads, samples, isExact, claimsNothing } = fromRequest(request);
    if (isExact || claimsNothing) return request;
    const known = [...heads, ...samples]
      .map((hash) => this.#ancestry.indexOf(hash))
      .filter((index) => index !== undefined);
    const had = this.#ancestry.closure(known);
    const lacking: Uint8Array[] = [];
    for (let index = 0; index < had.length; index++)
      if (had[index] === 0) lacking.push(this.#ancestry.hashAt(index).slice());
    // Nobody says which orphans they hold.
    for (const { hash } of this.#orphans) lacking.push(hash);
    return lackingRequest(request, lacking);
  }

  touches(summary: Summary, current: Version): boolean {
    return fromSummary(summary).changes.some(({ hash }) => this.#hasBeyond(current, hash));
  }

  isSharedWith(request: ReaderRequest, current: Version): boolean {
    const { heads, samples } = fromRequest(request);
    return [...heads, ...samples].some((hash) => this.#hasBeyond(current, hash));
  }

  encode(): Uint8Array {
    return encodeGraph({
      ancestry: this.#ancestry,
      orphans: this.#orphans,
      actors: this.#actors,
      unusedNumbers: this.#unusedNumbers,
    });
  }

  #take(change: CheckedChange, added: Added, budget: SearchBudget): void {
    const { hash, actor, seq } = change;
    if (this.has(hash)) return;
    if (seq <= (this.#actors.get(actor)?.seq ?? 0) || this.#orphans.hasNumber(actor, seq))
      throw malformed('two changes of one actor have the same number');
    const deps = this.#indexesOf(change.deps);
    if (deps === undefined) {
      added.orphans.push(this.#orphans.add(change));
      return;
    }
    if (!this.#follows(change, deps, budget)) throw malformed('a change does not follow those of its actor');
    this.#apply(change, deps, undefined, added);
    this.#heal(hash, added, budget);
  }

  /** Takes in what was waiting for a change. One that does not follow its actor's others waits for ever. */
  #heal(hash: Uint8Array, added: Added, budget: SearchBudget): void {
    const arrived = [hash];
    for (let next = arrived.pop(); next !== undefined; next = arrived.pop()) {
      for (const orphan of this.#orphans.waitingFor(next)) {
        const deps = this.#indexesOf(orphan.deps);
        if (deps === undefined || !this.#follows(orphan, deps, budget)) continue;
        this.#orphans.remove(orphan);
        this.#apply(orphan, deps, orphan, added);
        arrived.push(orphan.hash);
      }
    }
  }

  /**
   * Automerge ends where a change is not the next one of its actor, or numbers its operations as others are numbered: what it builds on
   * must say so, in whatever order changes come.
   */
  #follows(change: Orphan, deps: readonly number[], budget: SearchBudget): boolean {
    const { actor, seq, startOp, maxOp } = change;
    const latest = this.#actors.get(actor);
    const unused = this.#unusedBy(change, deps);
    if (seq !== (latest?.seq ?? 0) + 1 || unused < 0) return false;
    if (unused > 0 && (maxOp < startOp || this.#unusedNumbers + unused > maxUnusedNumbers)) return false;
    return latest === undefined || this.#ancestry.isBefore(latest.index, deps, budget);
  }

  /** How many numbers it leaves out between the operations of what it builds on and its own; less than 0 where they overlap. */
  #unusedBy({ startOp }: Orphan, deps: readonly number[]): number {
    return startOp - 1 - this.#ancestry.maxOpOfAll(deps);
  }

  #apply(change: Orphan, deps: readonly number[], orphan: Orphan | undefined, added: Added): void {
    const { hash, actor, seq, maxOp } = change;
    const unused = this.#unusedBy(change, deps);
    const index = this.#ancestry.push(hash, deps, maxOp);
    const covered = this.#heads.extend(index);
    for (const head of covered) this.#digest.remove(this.#ancestry.hashAt(head), headKind);
    this.#digest.add(hash, headKind);
    added.steps.push({ actor, before: this.#actors.get(actor), covered, orphan, unused });
    this.#unusedNumbers += unused;
    this.#actors.set(actor, { seq, index });
    this.#request = undefined;
  }

  #undo({ steps, orphans }: Added): void {
    for (const { actor, before, covered, orphan, unused } of steps.toReversed()) {
      this.#unusedNumbers -= unused;
      const index = this.#ancestry.size - 1;
      this.#digest.remove(this.#ancestry.hashAt(index), headKind);
      for (const head of covered) this.#digest.add(this.#ancestry.hashAt(head), headKind);
      this.#heads.retract(index, covered);
      this.#ancestry.pop();
      if (before) this.#actors.set(actor, before);
      else this.#actors.delete(actor);
      if (orphan) this.#orphans.add(orphan);
    }
    for (const orphan of orphans.toReversed()) this.#orphans.remove(orphan);
    this.#request = undefined;
  }

  /** What was decoded has heads, and is committed. */
  #isStored(): void {
    for (const head of this.heads) this.#digest.add(head, headKind);
    this.#commitTo(this.#ancestry.size);
  }

  #commitTo(end: number): void {
    for (; this.#committedCount < end; this.#committedCount++)
      this.#committedHeads.extend(this.#committedCount);
  }

  /** Undefined if one of them is not in the graph. */
  #indexesOf(hashes: readonly Uint8Array[]): number[] | undefined {
    const indexes: number[] = [];
    for (const hash of hashes) {
      const index = this.#ancestry.indexOf(hash);
      if (index === undefined) return undefined;
      indexes.push(index);
    }
    return indexes;
  }

  #holdsBasisOf(changes: readonly CheckedChange[]): boolean {
    const own = new Set(changes.map(({ hash }) => keyOf(hash)));
    return changes.every(({ deps }) =>
      deps.every((dep) => this.#ancestry.indexOf(dep) !== undefined || own.has(keyOf(dep))),
    );
  }

  #hasBeyond(current: Version, hash: Uint8Array): boolean {
    return this.has(hash) && !(current as ChangeGraph).has(hash);
  }
}
