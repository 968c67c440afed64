// Messages to whoever has a document open at the moment: passed on at once to everybody but the one from whom they came, and stored
// nowhere. A message may come more than once, over several ways: it is known by its author's count.

/** What somebody says to all others that have a document open. */
export interface Ephemeral {
  readonly sender: string;
  /** Of the sender's process: its count begins anew with another one. */
  readonly session: string;
  /** Grows by one with every message of a session. */
  readonly count: number;
  readonly data: Uint8Array;
}

/** A message on its way to all sessions of a document: framed once for each dialect. */
export interface EphemeralNews extends Ephemeral {
  readonly frames: Map<string, Uint8Array>;
}

/** Who is told. */
export interface EphemeralMember {
  ephemeralHeard(news: EphemeralNews): void;
}

/** Sessions of a document whose counts are kept. Of one that was forgotten a message may come twice. */
const maxSessionsKnown = 1_000;

export class EphemeralFanOut {
  readonly #members: ReadonlySet<EphemeralMember>;
  /** The last count of each session, by sender and session; who spoke last is last. */
  readonly #counts = new Map<string, number>();

  constructor(members: ReadonlySet<EphemeralMember>) {
    this.#members = members;
  }

  /** Passes a message on unless it was passed on before. Gives whether it was news. */
  tell(owner: object, message: Ephemeral): boolean {
    const session = JSON.stringify([message.sender, message.session]);
    const last = this.#counts.get(session);
    if (last !== undefined && message.count <= last) return false;
    this.#counts.delete(session);
    this.#counts.set(session, message.count);
    if (this.#counts.size > maxSessionsKnown) this.#counts.delete(this.#counts.keys().next().value!);
    const news: EphemeralNews = { ...message, frames: new Map() };
    for (const member of this.#members) if (member !== owner) member.ephemeralHeard(news);
    return true;
  }
}
