// The updates of a trace as each author's own Y.Doc gave them, that had received exactly what each transaction was made
// on top of; and somebody who hands them to a client, as an editor bound to its document would.
import * as Y from 'yjs';
import type { Agent, Trace, Transaction } from './trace.ts';

/** One transaction of an author. */
export interface Typed {
  readonly update: Uint8Array;
  /** The other author's clock up to which it had been received before. */
  readonly needs: number;
  /** The author's own clock after it. */
  readonly end: number;
}

export interface TypedTrace {
  readonly authors: readonly [readonly Typed[], readonly Typed[]];
  /** What a document holds that has received all of it. */
  readonly content: string;
}

/** `ids` are the authors' client ids: Yjs orders insertions at one place by them. */
export function typeOut({ transactions }: Trace, ids: readonly [number, number]): TypedTrace {
  const authors: [Typed[], Typed[]] = [[], []];
  const docs = ids.map((id) => Object.assign(new Y.Doc(), { clientID: id })) as [Y.Doc, Y.Doc];
  /** How many of the other author's transactions each has received. */
  const received: [number, number] = [0, 0];
  const receive = (agent: Agent, until: number): void => {
    const theirs = authors[agent === 0 ? 1 : 0];
    while (received[agent] < until) Y.applyUpdate(docs[agent], theirs[received[agent]++]!.update);
  };
  const places: number[] = [];
  for (const { agent, parents, patches } of transactions) {
    const other = agent === 0 ? 1 : 0;
    for (const parent of parents) {
      if (transactions[parent]!.agent === other) receive(agent, places[parent]! + 1);
    }
    const own = authors[agent];
    own.push({
      update: patch(docs[agent], patches),
      needs: authors[other][received[agent] - 1]?.end ?? 0,
      end: clockOf(docs[agent], ids[agent]),
    });
    places.push(own.length - 1);
  }
  receive(0, authors[1].length);
  return { authors, content: docs[0].getText('content').toJSON() };
}

function patch(doc: Y.Doc, patches: Transaction['patches']): Uint8Array {
  const text = doc.getText('content');
  const updates: Uint8Array[] = [];
  const keep = (update: Uint8Array): number => updates.push(update);
  doc.on('update', keep);
  doc.transact(() => {
    for (const [position, deleted, inserted] of patches) {
      const at = Math.min(position, text.length);
      text.delete(at, Math.min(deleted, text.length - at));
      text.insert(at, inserted);
    }
  });
  doc.off('update', keep);
  // A deletion past the end is nothing, and nothing is an update too.
  return updates[0] ?? Uint8Array.of(0, 0);
}

function clockOf(doc: Y.Doc, client: number): number {
  return Y.getState(doc.store, client);
}

export interface AuthorIds {
  readonly own: number;
  readonly other: number;
}

/** A client that an author sits at. */
export interface Seat {
  readonly doc: Y.Doc;
  /** Up to which of an author's clocks the server has confirmed, in the way of its protocol, what this client sent. */
  confirmed(author: number): number;
  /** Told after each burst of typing. */
  typed?(): void;
}

/** An author at work at a client, never far ahead of what was confirmed. */
export class Author {
  readonly #seat: Seat;
  readonly #typed: readonly Typed[];
  readonly #ids: AuthorIds;
  #next = 0;

  constructor(seat: Seat, typed: readonly Typed[], ids: AuthorIds) {
    this.#seat = seat;
    this.#typed = typed;
    this.#ids = ids;
  }

  /** How many transactions have been handed over. */
  get typed(): number {
    return this.#next;
  }

  /** How many clocks have been confirmed. */
  get confirmed(): number {
    return this.#seat.confirmed(this.#ids.own);
  }

  /** How many clocks have been sent on an open connection, or are to be, and have not been confirmed. */
  get unconfirmed(): number {
    return (this.#typed[this.#next - 1]?.end ?? 0) - this.confirmed;
  }

  /** Hands over what has been made on top of what is here by now, up to `count` transactions. */
  type(count: number, maxUnconfirmed: number): void {
    const heard = clockOf(this.#seat.doc, this.#ids.other);
    const before = this.#next;
    for (let left = count; left > 0 && this.unconfirmed < maxUnconfirmed; left--) {
      const next = this.#typed[this.#next];
      // Earlier it would be parked, and integrated as part of what the provider brings: it would then not be sent.
      if (!next || next.needs > heard) break;
      Y.applyUpdate(this.#seat.doc, next.update, 'typed');
      this.#next++;
    }
    if (this.#next > before) this.#seat.typed?.();
  }
}
