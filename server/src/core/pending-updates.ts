// The updates of one document between their arrival and their commit, and who waits for the outcome: those of the commit that is
// under way, and those that wait for the next one.
import type { Addition, Engine } from '../port/engine.ts';
import type { Piece } from './live-entry.ts';
import type { Author, Outcome } from './member.ts';

export interface PendingUpdate {
  readonly update: Uint8Array;
  readonly addition: Addition;
  readonly author: Author;
  /** Something before it is missing: it is passed on by itself, since yjs may misjudge what a merged gap waits for. */
  readonly hasGap: boolean;
  /** The batch that it came in, and those whose updates are in it already. */
  readonly tickets: Outcome[];
}

export class PendingUpdates {
  #queued: PendingUpdate[] = [];
  #drafted: PendingUpdate[] = [];
  #bytes = 0;

  /** Of all of them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether some wait for the next commit. */
  get isQueued(): boolean {
    return this.#queued.length > 0;
  }

  add(pending: PendingUpdate): void {
    const { update, author } = pending;
    this.#bytes += update.length;
    this.#queued.push(pending);
    author.queued(update.length);
  }

  /** What the last one meets, everything before it has met: a commit that fails takes along what is queued. */
  share(outcome: Outcome): void {
    const last = this.#queued.at(-1) ?? this.#drafted.at(-1);
    if (last) last.tickets.push(outcome);
    else outcome.settled(true);
  }

  /** All that are queued go into the commit that begins. */
  draft(): readonly PendingUpdate[] {
    this.#drafted = this.#queued;
    this.#queued = [];
    for (const { tickets } of this.#drafted) for (const ticket of tickets) ticket.drafted?.();
    return this.#drafted;
  }

  /** The commit has ended well: takes out those that were in it. */
  committed(): readonly PendingUpdate[] {
    const committed = this.#drafted;
    this.#drafted = [];
    return committed;
  }

  /** The commit has failed: takes out all, for those that are queued build on it. */
  failed(): readonly PendingUpdate[] {
    const lost = [...this.#drafted, ...this.#queued];
    this.#drafted = [];
    this.#queued = [];
    return lost;
  }

  /** One that was taken out is counted no more. */
  release({ update, author }: PendingUpdate): void {
    this.#bytes -= update.length;
    author.settled(update.length);
  }
}

/** Each author's own updates are merged, and no others: one that a reader's engine rejects takes nobody else's along. */
export function bundleByAuthor(updates: readonly PendingUpdate[], engine: Engine): Piece[] {
  const pieces: Piece[] = [];
  for (let start = 0; start < updates.length;) {
    const { author, hasGap } = updates[start]!;
    let end = start + 1;
    if (!hasGap) while (updates[end]?.author === author && !updates[end]!.hasGap) end++;
    const run = updates.slice(start, end).map(({ update }) => update);
    // A single update may be a view of a socket's whole read buffer; a merged one is new.
    for (const update of engine.bundle(run)) {
      pieces.push({ author, update: run.includes(update) ? update.slice() : update });
    }
    start = end;
  }
  return pieces;
}
