// Who is present in a document that has no Awareness of Yjs, with the same meaning and the same names: everybody says a state under a
// number, again from time to time, and is gone when that stops.
import type { PresenceEntry } from '@syncline/shared';
import type { BoundPresence } from '../engine.ts';
import type { Platform } from '../sync/platform.ts';
import { tellAll } from '../tell.ts';

export type PresenceState = Record<string, unknown>;

/** Numbers of clients. */
export interface PresenceChange {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

export type PresenceListener = (change: PresenceChange) => void;

export interface Presence {
  /** The number under which this side is present. */
  readonly clientID: number;
  /** Everybody's state by their number, this side's too. */
  getStates(): ReadonlyMap<number, PresenceState>;
  getLocalState(): PresenceState | null;
  /** JSON of at most 32 KiB; null says that nobody is here. */
  setLocalState(state: PresenceState | null): void;
  /** Sets one field of the state, if there is a state. */
  setLocalStateField(field: string, value: unknown): void;
  /** Calls `listener` after every change. */
  on(event: 'change', listener: PresenceListener): void;
  off(event: 'change', listener: PresenceListener): void;
}

/** So old a state is said again, well before others take it down. */
const renewMs = 15_000;
/** Whoever says nothing for so long is gone. */
const expiryMs = 30_000;
const checkMs = 3_000;

interface Known {
  readonly clock: number;
  readonly heardMs: number;
}

export class LivePresence implements Presence, BoundPresence {
  readonly clientID: number;
  readonly #platform: Platform;
  readonly #states = new Map<number, PresenceState>();
  /** Of others who have left, too: what is older does not bring them back. */
  readonly #known = new Map<number, Known>();
  readonly #listeners = new Set<PresenceListener>();
  #say: (entries: readonly PresenceEntry[]) => void = () => {};
  #clock = 0;
  #saidMs = 0;
  #cancelCheck: () => void;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.clientID = Math.floor(platform.fraction() * 2 ** 32);
    this.#states.set(this.clientID, {});
    this.#cancelCheck = this.#checkLater();
  }

  /** Says what changes here. */
  bind(say: (entries: readonly PresenceEntry[]) => void): BoundPresence {
    this.#say = say;
    this.#sayOwn();
    return this;
  }

  getStates(): ReadonlyMap<number, PresenceState> {
    return this.#states;
  }

  getLocalState(): PresenceState | null {
    return this.#states.get(this.clientID) ?? null;
  }

  setLocalState(state: PresenceState | null): void {
    const before = this.#states.has(this.clientID);
    this.#clock++;
    if (state) this.#states.set(this.clientID, state);
    else this.#states.delete(this.clientID);
    this.#sayOwn();
    if (state) this.#tell(before ? { updated: [this.clientID] } : { added: [this.clientID] });
    else if (before) this.#tell({ removed: [this.clientID] });
  }

  setLocalStateField(field: string, value: unknown): void {
    const state = this.getLocalState();
    if (state) this.setLocalState({ ...state, [field]: value });
  }

  on(_event: 'change', listener: PresenceListener): void {
    this.#listeners.add(listener);
  }

  off(_event: 'change', listener: PresenceListener): void {
    this.#listeners.delete(listener);
  }

  heard(entries: readonly PresenceEntry[]): void {
    const change = { added: [] as number[], updated: [] as number[], removed: [] as number[] };
    for (const entry of entries) {
      if (entry.client === this.clientID) this.#heardOfItself(entry);
      else {
        const what = this.#heardOf(entry);
        if (what) change[what].push(entry.client);
      }
    }
    this.#tell(change);
  }

  beginAnew(): void {
    // Else what is said again would be taken for old.
    this.#known.clear();
    this.#remove([...this.#states.keys()].filter((client) => client !== this.clientID));
    if (!this.#states.has(this.clientID)) return;
    this.#clock++;
    this.#sayOwn();
  }

  end(): void {
    this.#cancelCheck();
    this.#say = () => {};
    this.#remove([...this.#states.keys()]);
  }

  /** Told that it has left, and is there: the next clock says so. */
  #heardOfItself({ clock, state }: PresenceEntry): void {
    if (state || clock < this.#clock || !this.#states.has(this.clientID)) return;
    this.#clock = clock + 1;
    this.#sayOwn();
  }

  #heardOf({ client, clock, state }: PresenceEntry): 'added' | 'updated' | 'removed' | undefined {
    const known = this.#known.get(client);
    const isThere = this.#states.has(client);
    const read = state && readable(state);
    if (state && !read) return undefined;
    const isNews = !known || clock > known.clock || (clock === known.clock && !state && isThere);
    if (!isNews) return undefined;
    this.#known.set(client, { clock, heardMs: this.#platform.now() });
    if (read) this.#states.set(client, read);
    else this.#states.delete(client);
    if (read) return isThere ? 'updated' : 'added';
    return isThere ? 'removed' : undefined;
  }

  #sayOwn(): void {
    this.#saidMs = this.#platform.now();
    const state = this.getLocalState();
    const bytes = state ? new TextEncoder().encode(JSON.stringify(state)) : undefined;
    this.#say([{ client: this.clientID, clock: this.#clock, state: bytes }]);
  }

  #checkLater(): () => void {
    return this.#platform.after(checkMs, () => {
      this.#cancelCheck = this.#checkLater();
      this.#check();
    });
  }

  #check(): void {
    const now = this.#platform.now();
    if (this.#states.has(this.clientID) && now - this.#saidMs >= renewMs) {
      this.#clock++;
      this.#sayOwn();
    }
    const isOld = (client: number): boolean => now - (this.#known.get(client)?.heardMs ?? now) >= expiryMs;
    this.#remove([...this.#states.keys()].filter((client) => client !== this.clientID && isOld(client)));
  }

  #remove(clients: readonly number[]): void {
    for (const client of clients) this.#states.delete(client);
    this.#tell({ removed: clients });
  }

  #tell({ added = [], updated = [], removed = [] }: Partial<PresenceChange>): void {
    if (added.length + updated.length + removed.length > 0)
      tellAll(this.#listeners, this.#platform, { added, updated, removed });
  }
}

/** Undefined where it is no state: whoever said it is not shown. */
function readable(state: Uint8Array): PresenceState | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(state)) as PresenceState;
  } catch {
    return undefined;
  }
}
