// How much each replica holds of each: what this one has read, what the others said of themselves, and what was passed on of
// those further away. Ages are counted by clocks that only grow, from link to link, so that no two clocks have to agree.
import type { Clock } from '../port/clock.ts';
import type { Sequence } from '../port/journal.ts';
import { beatMs, maxNameLength, maxReplicas } from './limits.ts';
import type { Holding, ReplicaReport } from './messages.ts';
import { bytesOfHex, hexOf, isSame } from './replica-id.ts';

/** Of a replica's 16 bytes. */
const idDigits = 32;

/** What is held of a replica is renewed by its beats as long as it runs, and by nothing else. */
const renewedMs = beatMs;

/** What was never heard of is as old as this, which stays a number wherever it is passed on to: a hundred years. */
const longAgoMs = 3e12;

interface Held {
  readonly epoch: Uint8Array;
  readonly sequence: Sequence;
  /** When the origin was there, by our clock. */
  readonly atMs: number;
}

interface Known {
  name: string;
  /** When it last said something of itself, by our clock. */
  saidAtMs: number;
  root: Uint8Array;
  readonly holds: Map<string, Held>;
}

/** A replica as the others know it. */
export interface KnownReplica {
  readonly replica: string;
  readonly name: string;
  readonly root: Uint8Array;
  readonly saidAtMs: number;
}

export interface HoldingsSettings {
  readonly clock: Clock;
  readonly replica: Uint8Array;
  readonly name: string;
  /** It may grow: what is passed on of those replicas is not heard. */
  readonly forgotten: ReadonlySet<string>;
  /** Whether an epoch is, or was, of this replica. */
  readonly isOwnEpoch: (epoch: Uint8Array) => boolean;
  /** Another process runs with the identity of this one: a replica of that name hears from it. Called once for each of its epochs. */
  readonly onCopy: (heardBy: string) => void;
}

export class Holdings {
  readonly #clock: Clock;
  readonly #settings: HoldingsSettings;
  readonly #own: string;
  /** Of epochs that this replica never had, by whom they are held: as of when, or that it has been told of. */
  readonly #foreign = new Map<string, { readonly holder: string; readonly atMs: number } | 'told'>();
  readonly #known = new Map<string, Known>();
  readonly #forgotten: ReadonlySet<string>;
  readonly #listeners = new Set<() => void>();
  readonly #beganMs: number;
  #agreedMs: number | undefined;

  constructor(settings: HoldingsSettings) {
    this.#settings = settings;
    this.#clock = settings.clock;
    this.#beganMs = settings.clock.now();
    this.#own = hexOf(settings.replica);
    this.#forgotten = settings.forgotten;
    this.#expect(this.#own).name = settings.name;
  }

  /** Calls `listener` whenever a replica is known to hold more, or less, of another one. Gives what ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** This replica, then those that were ever heard of. */
  get replicas(): readonly KnownReplica[] {
    return Array.from(this.#known, ([replica, { name, root, saidAtMs }]) => ({
      replica,
      name,
      root,
      saidAtMs,
    }));
  }

  /** When the last of them said that its documents are those of all others, by our clock; undefined if they never all did. */
  get agreedMs(): number | undefined {
    return this.#agreedMs;
  }

  get(holder: string, origin: string): Held | undefined {
    return this.#known.get(holder)?.holds.get(origin);
  }

  /** What `holder` holds, by origin. */
  of(holder: string): ReadonlyMap<string, Held> {
    return this.#known.get(holder)?.holds ?? new Map<string, Held>();
  }

  named(replica: Uint8Array, name: string): void {
    this.#expect(hexOf(replica)).name = name.slice(0, maxNameLength);
  }

  rootIs(root: Uint8Array): void {
    const own = this.#expect(this.#own);
    own.root = root;
    own.saidAtMs = this.#clock.now();
    this.#lookForAgreement();
  }

  /** Everything that an origin had at a sequence, so long ago, is committed here. */
  hold({ origin, epoch, sequence, ageMs }: Holding): void {
    const name = hexOf(origin);
    if (name === this.#own || !this.#mayKnow(name)) return;
    const held = { epoch, sequence, atMs: this.#clock.now() - ageMs };
    const { holds } = this.#expect(this.#own);
    const before = holds.get(name);
    if (!isBetter(held, before)) return;
    holds.set(name, held);
    if (before?.sequence !== sequence) this.#tell();
  }

  /** A replica says itself that it holds everything of this one up to here. */
  acked(holder: string, epoch: Uint8Array, sequence: Sequence, ageMs = 0): void {
    const { holds } = this.#expect(holder);
    const isNews = holds.get(this.#own)?.sequence !== sequence;
    holds.set(this.#own, { epoch, sequence, atMs: this.#clock.now() - ageMs });
    if (isNews) this.#tell();
  }

  /** What another replica passed on, a moment ago. */
  report(reports: readonly ReplicaReport[], transitMs: number): void {
    const now = this.#clock.now();
    let isNews = false;
    for (const { replica, name, ageMs, root, holdings } of reports.slice(0, maxReplicas)) {
      const holder = hexOf(replica);
      const saidAtMs = now - ageMs - transitMs;
      if (holder === this.#own || !this.#mayKnow(holder)) continue;
      const known = this.#expect(holder);
      if (saidAtMs < known.saidAtMs) continue;
      known.saidAtMs = saidAtMs;
      known.name = name.slice(0, maxNameLength);
      known.root = root.slice();
      for (const { origin, epoch, sequence, ageMs: heldMs } of holdings.slice(0, maxReplicas)) {
        if (!this.#mayKnow(hexOf(origin))) continue;
        const held = { epoch: epoch.slice(), sequence, atMs: now - heldMs - transitMs };
        const before = known.holds.get(hexOf(origin));
        if (hexOf(origin) === this.#own) this.#lookForCopy(holder, held);
        // An acknowledgement that came by itself is newer than a report made before it.
        if (hexOf(origin) === this.#own && !isBetter(held, before) && isSame(before!.epoch, epoch)) continue;
        known.holds.set(hexOf(origin), held);
        isNews ||= before?.sequence !== sequence;
      }
    }
    this.#lookForAgreement();
    if (isNews) this.#tell();
  }

  /** For a beat: this replica first. */
  reports(): ReplicaReport[] {
    const now = this.#clock.now();
    return Array.from(this.#known, ([replica, { name, saidAtMs, root, holds }]) => ({
      replica: bytesOfHex(replica),
      name,
      ageMs: replica === this.#own ? 0 : ageOf(saidAtMs, now),
      root,
      holdings: Array.from(holds, ([origin, { epoch, sequence, atMs }]) => ({
        origin: bytesOfHex(origin),
        epoch,
        sequence,
        ageMs: ageOf(atMs, now),
      })),
    }));
  }

  /** The other replicas that hold everything of this one up to a sequence. */
  holders(sequence: Sequence, isInLineage: (epoch: Uint8Array, sequence: Sequence) => boolean): string[] {
    return [...this.#known.keys()].filter((holder) => {
      const held = this.#known.get(holder)!.holds.get(this.#own);
      return held !== undefined && held.sequence >= sequence && isInLineage(held.epoch, held.sequence);
    });
  }

  forget(replica: string): boolean {
    for (const { holds } of this.#known.values()) holds.delete(replica);
    return this.#known.delete(replica);
  }

  /** Of so many replicas alone: each is passed on to all others. */
  #mayKnow(replica: string): boolean {
    if (this.#known.has(replica)) return true;
    if (replica.length !== idDigits || this.#forgotten.has(replica) || this.#known.size >= maxReplicas)
      return false;
    this.#expect(replica);
    return true;
  }

  /** An epoch that this replica never had is one that it has lost, with a backup that was put back; or that of a copy, and goes on. */
  #lookForCopy(holder: string, { epoch, atMs }: Held): void {
    if (this.#settings.isOwnEpoch(epoch)) return;
    const key = hexOf(epoch);
    const before = this.#foreign.get(key);
    if (before === 'told') return;
    if (before?.holder !== holder) {
      if (before === undefined && this.#foreign.size >= maxReplicas) this.#foreign.clear();
      // Whoever was heard first is followed: what two of them say is not of one clock. What was lost ended before this process began, and by
      // a way that takes longer its last words may still come.
      if (before === undefined) this.#foreign.set(key, { holder, atMs: Math.max(atMs, this.#beganMs) });
    } else if (atMs - before.atMs > renewedMs) {
      this.#foreign.set(key, 'told');
      this.#settings.onCopy(this.#known.get(holder)!.name);
    }
  }

  #lookForAgreement(): void {
    const [own, ...others] = this.#known.values();
    if (others.length === 0 || own!.root.length === 0) return;
    if (!others.every(({ root }) => isSame(root, own!.root))) return;
    this.#agreedMs = Math.min(...others.map(({ saidAtMs }) => saidAtMs));
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #expect(replica: string): Known {
    let known = this.#known.get(replica);
    if (!known) {
      // Nothing was ever said of all of them.
      this.#agreedMs = undefined;
      known = { name: '', saidAtMs: -Infinity, root: new Uint8Array(0), holds: new Map() };
      this.#known.set(replica, known);
    }
    return known;
  }
}

/** Both are true; the one that says more is kept: further on in one epoch, or else later. */
function isBetter(held: Held, before: Held | undefined): boolean {
  if (!before) return true;
  if (!isSame(held.epoch, before.epoch)) return held.atMs > before.atMs;
  return held.sequence > before.sequence || (held.sequence === before.sequence && held.atMs > before.atMs);
}

function ageOf(atMs: number, now: number): number {
  return Math.min(longAgoMs, Math.max(0, Math.round(now - atMs)));
}
