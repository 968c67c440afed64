// Who is in a document and where their cursors are: the last entry of each client, owned by the session that sent it.
// Client id and clock are read, the state is opaque bytes that are passed on as they came. Never stored.
import { type PresenceEntry, SyncError } from '@syncline/shared';
import {
  maxPresenceBytesOfDocument,
  maxPresenceEntriesOfChannel,
  maxPresenceEntriesOfDocument,
  maxPresenceStateBytes,
  presenceExpiryMs,
} from './limits.ts';

interface Known extends PresenceEntry {
  /** Undefined once the owner has left. */
  readonly owner: object | undefined;
  readonly heardMs: number;
}

/** An entry with whoever sent it; undefined once that one has left. */
export type OwnedPresence = PresenceEntry & { readonly owner: object | undefined };

export class Presence {
  readonly #known = new Map<number, Known>();
  readonly #changed = new Set<number>();
  readonly #owned = new Map<object, Set<number>>();
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0;
  }

  /**
   * Takes in what a session says. Gives the entries to be answered to it alone. Throws `malformed_presence` where the
   * session is over a limit of its own, with nothing taken in; what a full document has no place for is left out.
   */
  receive(
    owner: object,
    entries: readonly PresenceEntry[],
    nowMs: number,
    maxEntries = maxPresenceEntriesOfChannel,
  ): PresenceEntry[] {
    this.#checkLimits(owner, entries, maxEntries);
    const answers: PresenceEntry[] = [];
    for (const entry of entries) {
      const known = this.#known.get(entry.client);
      if (this.#isNews(owner, entry, known)) {
        // A copy: the bytes are a view of a socket's whole read buffer.
        if (this.#hasPlace(entry, known))
          this.#put({ ...entry, state: entry.state?.slice(), owner, heardMs: nowMs });
      } else if (known && known.state === undefined && entry.state) {
        // A client that reconnects with the clock at which it was removed would stay unseen until its next renewal, up to
        // 15 s. Told that it was removed, it says at once that it was not, with the next clock.
        answers.push({ client: entry.client, clock: known.clock, state: undefined });
      }
    }
    return answers;
  }

  /** What a session that opens the document is told. */
  present(): PresenceEntry[] {
    return this.recent().filter(({ state }) => state !== undefined);
  }

  /** What a session is told that has not heard all: who is there, and who has left lately. */
  recent(): OwnedPresence[] {
    return [...this.#known.values()];
  }

  /** The entries of a session that has ended are taken down. */
  leave(owner: object): void {
    for (const client of this.#owned.get(owner) ?? []) this.#remove(this.#known.get(client)!);
  }

  /** Takes down who has said nothing for too long, and forgets who left that long ago. */
  expire(nowMs: number): void {
    for (const known of this.#known.values()) {
      if (nowMs - known.heardMs < presenceExpiryMs) continue;
      if (known.state === undefined) this.#forget(known);
      else this.#remove({ ...known, heardMs: nowMs });
    }
  }

  /** What has changed since the last call, the last entry of each client. */
  takeChanges(): OwnedPresence[] {
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
    this.#put({ ...known, state: undefined, owner: undefined });
  }

  #put(entry: Known): void {
    this.#disown(entry.client);
    this.#bytes += entry.state?.length ?? 0;
    this.#known.set(entry.client, entry);
    this.#changed.add(entry.client);
    if (!entry.owner) return;
    const owned = this.#owned.get(entry.owner);
    if (owned) owned.add(entry.client);
    else this.#owned.set(entry.owner, new Set([entry.client]));
  }

  #forget({ client }: Known): void {
    this.#disown(client);
    this.#known.delete(client);
  }

  #disown(client: number): void {
    const known = this.#known.get(client);
    if (!known) return;
    this.#bytes -= known.state?.length ?? 0;
    if (!known.owner) return;
    const owned = this.#owned.get(known.owner)!;
    owned.delete(client);
    if (owned.size === 0) this.#owned.delete(known.owner);
  }

  /** Makes place by forgetting who left longest ago; whoever came before a newcomer stays. */
  #hasPlace(entry: PresenceEntry, known: Known | undefined): boolean {
    const added = (entry.state?.length ?? 0) - (known?.state?.length ?? 0);
    if (this.#bytes + added > maxPresenceBytesOfDocument) return false;
    if (known || this.#known.size < maxPresenceEntriesOfDocument) return true;
    for (const old of this.#known.values()) {
      if (old.state !== undefined || this.#changed.has(old.client)) continue;
      this.#forget(old);
      return true;
    }
    return false;
  }

  #checkLimits(owner: object, entries: readonly PresenceEntry[], maxEntries: number): void {
    const owned = this.#owned.get(owner);
    const taken = new Set<number>();
    for (const { client, clock, state } of entries) {
      if ((state?.length ?? 0) > maxPresenceStateBytes) {
        throw new SyncError('malformed_presence', `a state has more than ${maxPresenceStateBytes} bytes`);
      }
      const known = this.#known.get(client);
      if ((!known || clock > known.clock) && !owned?.has(client)) taken.add(client);
    }
    if ((owned?.size ?? 0) + taken.size > maxEntries) {
      throw new SyncError('malformed_presence', `a session speaks for more than ${maxEntries} clients`);
    }
  }
}
