// The sync of one document with one peer over one connection: what the peer has said, what it was told, and what it is to be told
// next. All of it is of this connection; what was true of an earlier one may not be true any more.
//
// Events: the peer says something; something was committed; a commit failed; somebody has to be asked for what is missing.
// Decision: `next`. Invariants: the peer is told of nothing but what is committed, and what it was sent it is not sent again until it
// has said that it has it, that it has lost it, or the same as before.
import type { ChangeGraph } from '../../port/changes.ts';
import { BloomFilter } from './bloom.ts';
import { changesBeyond, covers, indexesOf, notIn } from './lacking.ts';
import {
  areSameHashes,
  compareHashes,
  type Hash,
  type Have,
  type Said,
  type SyncMessage,
} from './sync-message.ts';

/** What the peer is to be told. */
export interface Proposal {
  readonly heads: readonly Hash[];
  readonly need: readonly Hash[];
  readonly have: readonly Have[];
  /** Indexes of the changes that are to be sent, ascending. */
  readonly lacking: readonly number[];
  /** Whether many chunks can be sent as one, and whole documents. */
  readonly isVersion2: boolean;
  readonly trailer: Said['trailer'];
}

/** What it takes to build on the peer's heads: more is asked for when this has come. */
const maxNeeds = 1_000;

/** A peer that says the same as before has not heard what it was sent: after this many times it is sent again. */
const maxUnheeded = 2;

/** What is sent may be large, and asking for it costs nothing. */
const maxRepeats = 5;

/** One by one so many changes make a message of 1 MB, and some more one that no frame holds: as a document they are a few KB. */
const maxChangesSingly = 10_000;

/** Questions that bring nothing: after this many the peer is told to forget what it has sent, after one more it is asked no more. */
const maxFruitless = 3;

export class SyncState {
  readonly #isReadOnly: boolean;
  /** Whether something would have been asked for, had not something else been under way. */
  isHoldingBack = false;
  #heads: readonly Hash[] = [];
  #have: readonly Have[] = [];
  #need: readonly Hash[] = [];
  #isVersion2 = false;
  /** The peer takes no changes. */
  #takesNothing = false;
  /** Heads of ours such that the peer was sent everything up to them that it had not said that it has. */
  #sent: readonly Hash[] = [];
  /** Whether it has all of that then, without a filter's false positives. */
  #isSentWhole = true;
  /** The heads of ours that it was told last. */
  #told: readonly Hash[] | undefined;
  /** Whether it has said something since it was told something. */
  #hasAnswered = true;
  #isAskedFor = false;
  #isToForget = false;
  /** Our heads when they were last looked at. */
  #seen: readonly Hash[] = [];
  #unheeded = 0;
  /** How often it has been sent everything again since it last had something else. */
  #repeats = 0;
  #fruitless = 0;

  constructor(isReadOnly: boolean) {
    this.#isReadOnly = isReadOnly;
  }

  /** The peer says something. What it brings is on its way to the document. */
  hear({ heads: said, need, have, changes, flags }: SyncMessage): void {
    const heads = said.toSorted(compareHashes);
    const isSame = areSameHashes(heads, this.#heads);
    if (!isSame) this.#fruitless = this.#repeats = 0;
    if (changes.length > 0 || !isSame) this.#unheeded = 0;
    else if (this.#sent.length > 0) this.#unheeded++;
    if (flags) {
      this.#isVersion2 = true;
      this.#takesNothing = flags.isReadOnly;
    }
    const isLost = heads.length === 0 || flags?.isReset === true || hasLostTrack(heads, have);
    if (isLost || this.#unheeded >= maxUnheeded) this.#repeat(heads.length === 0);
    this.#hasAnswered = true;
    this.#heads = heads;
    this.#have = have;
    this.#need = need;
  }

  /** Something that the peer has is missing here: it is asked, whatever it has been told. */
  ask(): void {
    this.#isAskedFor = true;
  }

  /** What it sent was lost, and it thinks that it need not send it again. */
  askAgain(): void {
    this.#isToForget = true;
  }

  /**
   * What the peer is to be told now, if anything; it counts as told. While something that it has brought `isUnderWay`, what it has is
   * not asked for.
   */
  next(graph: ChangeGraph, isUnderWay: boolean): Proposal | undefined {
    const { committedHeads } = graph;
    const lacking = this.#takesNothing ? [] : this.#lacking(graph);
    const need = this.#isReadOnly ? [] : this.#needed(graph, isUnderWay);
    if (!areSameHashes(committedHeads, this.#seen)) this.#fruitless = 0;
    this.#seen = committedHeads;
    if (!this.#isDue(committedHeads, lacking.length > 0, need.length > 0)) return undefined;
    const have = [this.#haveFor(graph, committedHeads)];
    const heads = this.#isToForget ? [] : committedHeads;
    this.#isToForget = this.#isAskedFor = false;
    this.#hasAnswered = false;
    this.#told = heads;
    this.#need = [];
    if (lacking.length > 0) this.#sent = committedHeads;
    return { heads, need, have, lacking, isVersion2: this.#isVersion2, trailer: this.#trailer(need) };
  }

  /** Small documents cost more whole than change by change: only of a large one that the peer has is it said that it may come so. */
  #trailer(need: readonly Hash[]): Said['trailer'] {
    if (this.#isReadOnly) return 'takes nothing';
    let claimed = 0;
    for (const { bloom } of this.#have) claimed += bloom.entries;
    return need.length > 0 && claimed > maxChangesSingly ? 'takes documents' : 'none';
  }

  /** The peer has not what it was sent, or not any more: it is sent that again, but not for ever. */
  #repeat(hasNothing: boolean): void {
    if (++this.#repeats > maxRepeats) return;
    this.#forgetSent();
    if (hasNothing) this.#told = undefined;
  }

  #forgetSent(): void {
    this.#sent = [];
    this.#isSentWhole = true;
    this.#unheeded = 0;
  }

  #isDue(ours: readonly Hash[], hasNews: boolean, needs: boolean): boolean {
    if (this.#told === undefined || hasNews) return true;
    if (this.#isAskedFor || this.#isToForget) return true;
    // Be they its own: that they are committed it hears from nobody else.
    if (!areSameHashes(this.#told, ours)) return true;
    if (!needs || !this.#hasAnswered) return false;
    // It was asked before, and has answered something that brings neither side nearer.
    this.#fruitless++;
    if (this.#fruitless === maxFruitless) this.#isToForget = true;
    return this.#fruitless <= maxFruitless;
  }

  /** Indexes of what the peer lacks and was not sent, ascending. */
  #lacking(graph: ChangeGraph): number[] {
    const known = indexesOf(graph, this.#heads);
    const isKnown = known.length === this.#heads.length;
    const sent = indexesOf(graph, this.#sent);
    if (sent.length > 0 && covers(graph, known, sent)) this.#forgetSent();
    else known.push(...sent);
    // Its filters are of no more use, and may be large.
    if (isKnown) this.#have = [];
    const beyond = isKnown ? changesBeyond(graph, known) : this.#notClaimed(graph, known);
    return withNeeded(beyond, indexesOf(graph, this.#need));
  }

  /** What of the changes that are not known to be with the peer it does not claim in its filters either. */
  #notClaimed(graph: ChangeGraph, known: readonly number[]): number[] {
    const lastSync = this.#have.flatMap((have) => have.lastSync);
    const agreed = indexesOf(graph, lastSync);
    if (this.#have.length === 0) return [];
    // Its filters begin somewhere that is not known here, and nearly everything would seem to be lacking. First it is asked.
    const isUnsure = agreed.length < lastSync.length && this.#told === undefined;
    if (isUnsure && !this.#isReadOnly) return [];
    const filters = this.#have.map(({ bloom }) => bloom);
    const lacking = notIn(filters, graph, changesBeyond(graph, [...known, ...agreed]));
    this.#isSentWhole = false;
    // What it claims is not looked at again whenever something is committed.
    if (lacking.length === 0) this.#sent = graph.committedHeads;
    return lacking;
  }

  /**
   * What the peer has and is not held here, so that it cannot be in doubt about it. What others left incomplete is not its business: it
   * may not have it either.
   */
  #needed(graph: ChangeGraph, isUnderWay: boolean): Hash[] {
    const unknown = this.#heads.filter((hash) => !graph.has(hash));
    this.isHoldingBack = isUnderWay && unknown.length > 0;
    const asked = isUnderWay ? [] : unknown;
    return [...asked, ...graph.missingBefore(this.#heads)].slice(0, maxNeeds);
  }

  /** What is here, in terms of what the peer has too. */
  #haveFor(graph: ChangeGraph, ours: readonly Hash[]): Have {
    const known = indexesOf(graph, this.#heads);
    const isKnown = known.length === this.#heads.length;
    // With this message it has everything that is here: it need not be told by a filter.
    if (isKnown && this.#isSentWhole && !this.#takesNothing)
      return { lastSync: ours, bloom: BloomFilter.none };
    const agreed = indexesOf(
      graph,
      this.#have.flatMap(({ lastSync }) => lastSync),
    );
    const shared = [...new Set([...known, ...agreed])];
    const lastSync = shared.map((index) => graph.hashAt(index).slice());
    // Who takes nothing need not say what there is.
    if (this.#isReadOnly) return { lastSync, bloom: BloomFilter.none };
    return {
      lastSync,
      bloom: BloomFilter.of(changesBeyond(graph, shared).map((index) => graph.hashAt(index))),
    };
  }
}

/** A peer that does not know what was said to be agreed says that it has heads, and that it has nothing beyond nothing. */
function hasLostTrack(heads: readonly Hash[], have: readonly Have[]): boolean {
  return heads.length > 0 && have.length === 1 && have[0]!.lastSync.length === 0 && have[0]!.bloom.isEmpty;
}

function withNeeded(lacking: readonly number[], needed: readonly number[]): number[] {
  if (needed.length === 0) return [...lacking];
  return [...new Set([...lacking, ...needed])].toSorted((a, b) => a - b);
}
