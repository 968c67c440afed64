// Who is in a document and where their cursors are: the last entry of each client, owned by the session that sent it.
// Client id and clock are read, the state is opaque bytes that are passed on as they came. Never stored.
import { SyncError } from '@syncline/shared';
import {
  maxPresenceEntriesOfChannel,
  maxPresenceEntriesOfDocument,
  maxPresenceStateBytes,
  presenceExpiryMs,
} from './limits.ts';

export interface PresenceEntry {
  readonly client: number;
  readonly clock: number;
  /** The client's state as the dialect encodes it; undefined says that the client has left. */
  readonly state: Uint8Array | undefined;
}

interface Known extends PresenceEntry {
  /** Undefined once the owner has left. */
  readonly owner: object | undefined;
  readonly heardMs: number;
}

export class Presence {
  readonly #known = new Map<number, Known>();
  readonly #changed = new Set<number>();

  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0;
  }

  /**
   * Takes in what a session says. Gives the entries to be answered to it alone. Throws `malformed_presence` at a limit,
   * with nothing taken in.
   */
  receive(owner: object, entries: readonly PresenceEntry[], nowMs: number): PresenceEntry[] {
    this.#checkLimits(owner, entries);
    const answers: PresenceEntry[] = [];
    for (const entry of entries) {
      const known = this.#known.get(entry.client);
      if (this.#isNews(owner, entry, known)) {
        // A copy: the bytes are a view of a socket's whole read buffer.
        this.#known.set(entry.client, { ...entry, state: entry.state?.slice(), owner, heardMs: nowMs });
        this.#changed.add(entry.client);
      } else if (known?.state === undefined && known?.clock === entry.clock && entry.state) {
        // A client that reconnects with the clock at which it was removed would stay unseen until its next renewal, up to
        // 15 s. Told that it was removed, it says at once that it was not, with the next clock.
        answers.push({ client: entry.client, clock: entry.clock, state: undefined });
      }
    }
    return answers;
  }

  /** What a session that opens the document is told. */
  present(): PresenceEntry[] {
    return [...this.#known.values()].filter(({ state }) => state !== undefined);
  }

  /** The entries of a session that has ended are taken down. */
  leave(owner: object): void {
    for (const known of this.#known.values()) if (known.owner === owner) this.#remove(known);
  }

  /** Takes down who has said nothing for too long, and forgets who left that long ago. */
  expire(nowMs: number): void {
    for (const known of this.#known.values()) {
      if (nowMs - known.heardMs < presenceExpiryMs) continue;
      if (known.state === undefined) this.#known.delete(known.client);
      else this.#remove({ ...known, heardMs: nowMs });
    }
  }

  /** What has changed since the last call, the last entry of each client. */
  takeChanges(): (PresenceEntry & { readonly owner: object | undefined })[] {
    const changes = [...this.#changed].flatMap((client) => this.#known.get(client) ?? []);
    this.#changed.clear();
    return changes;
  }

  #isNews(owner: object, entry: PresenceEntry, known: Known | undefined): boolean {
    if (!known || entry.clock > known.clock) return true;
    // At the same clock only a removal counts, and only by the owner: stock clients pass on what they time out themselves.
    return entry.clock === known.clock && !entry.state && known.state !== undefined && known.owner === owner;
  }

  #remove(known: Known): void {
    this.#known.set(known.client, { ...known, state: undefined, owner: undefined });
    this.#changed.add(known.client);
  }

  #checkLimits(owner: object, entries: readonly PresenceEntry[]): void {
    let owned = 0;
    for (const known of this.#known.values()) if (known.owner === owner) owned++;
    let added = 0;
    for (const { client, state } of entries) {
      if ((state?.length ?? 0) > maxPresenceStateBytes) {
        throw new SyncError('malformed_presence', `a state has more than ${maxPresenceStateBytes} bytes`);
      }
      if (!this.#known.has(client)) added++;
    }
    if (owned + added > maxPresenceEntriesOfChannel) {
      throw new SyncError(
        'malformed_presence',
        `a session speaks for more than ${maxPresenceEntriesOfChannel} clients`,
      );
    }
    if (this.#known.size + added > maxPresenceEntriesOfDocument) {
      throw new SyncError(
        'malformed_presence',
        `a document has more than ${maxPresenceEntriesOfDocument} clients`,
      );
    }
  }
}
