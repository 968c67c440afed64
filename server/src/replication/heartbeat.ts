// What two linked replicas say whether or not anything happens: that they are there, how far they are, and what is held where. What
// the other one said of a moment is claimed of this one, too, as soon as everything is here that the other had then.
import { SyncError } from '@syncline/shared';
import type { Timer } from '../port/clock.ts';
import type { Sequence } from '../port/journal.ts';
import type { ReplicationContext } from './context.ts';
import type { Introduction } from './greeting.ts';
import { beatMs, minBeatMs } from './limits.ts';
import type { Message, ReplicaReport } from './messages.ts';
import type { PeerMemory } from './peer-memory.ts';
import { isSame } from './replica-id.ts';

/** What the other replica knew at a moment. */
interface Claim {
  readonly head: Sequence;
  readonly heardAtMs: number;
  /** Before it was heard it was on its way for so long at most. */
  readonly transitMs: number;
  readonly report: ReplicaReport;
  readonly rootHead: Sequence;
}

/** Of a feed: its round, and the sequence up to which that round has told. */
export interface Told {
  readonly round: number;
  readonly told: Sequence;
}

/** Beats that wait to come true: those between the oldest and the newest are worth the least. */
const maxClaims = 16;

/** Beats that another replica may echo: of one that echoes none, the first and the newest. */
const maxUnechoed = 64;

export interface HeartbeatSettings {
  readonly context: ReplicationContext;
  /** No beat was said before, by our clock. */
  readonly sinceMs: number;
  readonly peer: Introduction;
  readonly memory: PeerMemory;
  /** How far the other replica has been told of changes here. */
  readonly told: () => Told;
  readonly say: (message: Message) => void;
  /** Called before each beat; gives whether there is still somebody to tell. */
  readonly isAlive: () => boolean;
  /** A beat has come true: everything is here that the other had then, with this root, at that time by our clock. */
  readonly onClaimed: (root: Uint8Array, saidAtMs: number) => void;
  readonly onError: (error: unknown) => void;
}

export class Heartbeat {
  readonly #settings: HeartbeatSettings;
  readonly #timer: Timer;
  #early: Timer | undefined;
  #isClosed = false;
  #said = 0;
  #saidMs = 0;
  /** When the beats were said that may still be echoed, and first of all the last that was. */
  readonly #echoable: { readonly number: number; readonly atMs: number }[] = [];
  #heard = 0;
  #heardMs = 0;
  #roundTripMs: number | undefined;
  #claims: Claim[] = [];

  constructor(settings: HeartbeatSettings) {
    this.#settings = settings;
    this.#timer = settings.context.clock.every(beatMs, () => this.beat());
  }

  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  beat(): void {
    if (this.#isClosed || !this.#settings.isAlive()) return;
    void this.#beat().catch((error: unknown) => this.#settings.onError(error));
  }

  /** There is something new to tell. */
  beatSoon(): void {
    const { clock } = this.#settings.context;
    const waitMs = Math.max(0, this.#saidMs + minBeatMs - clock.now());
    this.#early ??= clock.after(waitMs, () => {
      this.#early = undefined;
      this.beat();
    });
  }

  /** Throws `bad_frame` for one that does not begin with its sender. */
  heard({ number, echo, echoMs, head, rootHead, replicas }: Extract<Message, { say: 'beat' }>): void {
    const { context, peer } = this.#settings;
    const now = context.clock.now();
    // It may have waited on its way, for a process that hung: it was not said before what it echoes was, and is taken for that old.
    const saidAfterMs = echo === 0 ? this.#settings.sinceMs : this.#saidAtMs(echo) + echoMs;
    const transitMs = Math.max(0, now - saidAfterMs);
    if (echo === this.#said && echo > 0) this.#roundTripMs = transitMs;
    this.#heard = number;
    this.#heardMs = now;
    const [report] = replicas;
    if (!report || !isSame(report.replica, peer.replica))
      throw new SyncError('bad_frame', 'a beat begins with its sender');
    context.holdings.report(replicas, transitMs);
    this.#claims.push({ head, heardAtMs: now, transitMs, report: copyOf(report), rootHead });
    if (this.#claims.length > maxClaims) this.#claims.splice(1, 1);
  }

  /** Everything of the other replica up to a sequence is committed here. */
  held(sequence: Sequence): void {
    let claimed: Claim | undefined;
    while (this.#claims[0] && this.#claims[0].head <= sequence) claimed = this.#claims.shift();
    if (claimed) this.#claim(claimed);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer.cancel();
    this.#early?.cancel();
  }

  #saidAtMs(echo: number): number {
    const beats = this.#echoable;
    while (beats.length > 1 && beats[1]!.number <= echo) beats.shift();
    return beats[0]?.atMs ?? this.#settings.sinceMs;
  }

  #claim({ report, head, heardAtMs, transitMs, rootHead }: Claim): void {
    const { context, peer, memory, onClaimed } = this.#settings;
    const waitedMs = context.clock.now() - heardAtMs + transitMs;
    const ageMs = Math.round(waitedMs);
    const { replica, epoch } = peer;
    context.holdings.hold({ origin: replica, epoch, sequence: head, ageMs });
    for (const holding of report.holdings)
      context.holdings.hold({ ...holding, ageMs: Math.round(holding.ageMs + waitedMs) });
    memory.held = { epoch, sequence: head, wallMs: context.wallClock() - ageMs };
    if (rootHead > 0 || head === 0) onClaimed(report.root, heardAtMs - transitMs);
  }

  async #beat(): Promise<void> {
    const { context, told, say } = this.#settings;
    const { journal, holdings, clock } = context;
    const root = await journal.sums('root');
    if (this.#isClosed) return;
    holdings.rootIs(root?.sums ?? new Uint8Array(0));
    const now = clock.now();
    this.#saidMs = now;
    this.#echoable.push({ number: ++this.#said, atMs: now });
    if (this.#echoable.length > maxUnechoed) this.#echoable.splice(1, 1);
    say({
      say: 'beat',
      number: this.#said,
      echo: this.#heard,
      echoMs: this.#heard === 0 ? 0 : Math.round(now - this.#heardMs),
      head: journal.lastSequence,
      rootHead: root?.head ?? 0,
      ...told(),
      replicas: holdings.reports(),
    });
  }
}

/** A report is a view of the socket's frame. */
function copyOf({ replica, name, ageMs, root, holdings }: ReplicaReport): ReplicaReport {
  return {
    replica: replica.slice(),
    name,
    ageMs,
    root: root.slice(),
    holdings: holdings.map(({ origin, epoch, sequence, ageMs: age }) => ({
      origin: origin.slice(),
      epoch: epoch.slice(),
      sequence,
      ageMs: age,
    })),
  };
}
