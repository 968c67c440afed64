// The sink's side of a link: where this replica has come to on a source, and what of the source is on its way in. The feed is
// level-triggered: an entry says what a document is, so that reading it twice, late or out of order does no harm.
//
// Events: the source goes on from somewhere, or cannot; it tells of changes; what it told is applied, or in the commit that begins.
// Invariant: everything of the source up to the position is committed here, but for the documents that are stuck.
import { SyncError } from '@syncline/shared';
import type { Author } from '../core/member.ts';
import type { Sequence } from '../port/journal.ts';
import { Applier } from './applier.ts';
import { CheckpointWriter } from './checkpoint-writer.ts';
import type { ReplicationContext } from './context.ts';
import type { LinkCount } from './contract.ts';
import { bytesOf } from './feeder.ts';
import { Intake, type Position, Range } from './intake.ts';
import { floodFactor, maxUnackedBytes, maxUnackedEntries, rememberWithinMs } from './limits.ts';
import type { Told } from './heartbeat.ts';
import type { Lives } from './lives.ts';
import type { Checkpoint, Message } from './messages.ts';
import type { PeerMemory } from './peer-memory.ts';
import { isSame } from './replica-id.ts';

export interface PullerSettings {
  readonly context: ReplicationContext;
  readonly lives: Lives;
  readonly memory: PeerMemory;
  /** Of the source. */
  readonly epoch: Uint8Array;
  readonly author: Author;
  readonly say: (message: Message) => void;
  readonly count: (what: LinkCount, by?: number) => void;
  /** The position has moved on, or the state is another. */
  readonly onProgress: () => void;
  /** The source knows none of our checkpoints: its documents are to be compared with ours. */
  readonly onRegressed: () => void;
  /** Nothing more is to be read, or may be again. */
  readonly hold: (isFull: boolean) => void;
  /** The link is of no use any more. */
  readonly onError: (error: unknown) => void;
}

type State = 'resuming' | 'regressed' | 'pulling' | 'closed';

export class Puller {
  readonly #settings: PullerSettings;
  /** Takes in what the source tells. */
  readonly applier: Applier;
  readonly #checkpoint: CheckpointWriter;
  #state: State = 'resuming';
  #round = 0;
  #candidates: readonly Checkpoint[] = [];
  #intake: Intake | undefined;
  #head = 0;
  #toldAtBeat = 0;
  #ackedThrough = -1;
  #held: Sequence | undefined;
  #ackedHeld: Sequence | undefined;
  #isAckDue = false;

  constructor(settings: PullerSettings) {
    const { context, memory } = (this.#settings = settings);
    this.applier = new Applier({
      ...settings,
      onTaking: () => this.#checkpoint.soon(),
      // The position may have been written already.
      onStuck: () => this.#checkpoint.again(),
      onApplied: () => this.#moved(),
    });
    this.#checkpoint = new CheckpointWriter({
      context,
      memory,
      drafted: () => this.#intake?.drafted.position,
      update: () => this.#remember(this.#intake!.drafted),
    });
  }

  get state(): State {
    return this.#state;
  }

  /** What is committed here of the source; undefined until it has said from where it goes on. */
  get position(): Position | undefined {
    return this.#intake?.committed;
  }

  /**
   * Everything that the source had up to here is here; undefined while that is not known. A position says less: a page that ended
   * before the source's head has left out what had changed again behind it, and a document may be stuck.
   */
  get held(): Sequence | undefined {
    return this.#held;
  }

  /** Whether everything is committed here that the source was known to have. */
  get isDrained(): boolean {
    return this.#state === 'pulling' && this.#intake!.committed.position >= this.#head;
  }

  /** Asks the source to go on from what is remembered, or from the beginning if there is nothing. */
  resume(): void {
    const { candidates } = this.#settings.memory;
    this.#resumeFrom(candidates.length > 0 ? candidates : [this.#beginning]);
  }

  /** The source's documents were compared with ours as of its head: everything up to there is here. */
  resumeAt(head: number): void {
    this.#resumeFrom([{ epoch: this.#settings.epoch, position: head, headSeen: head }]);
  }

  resumeFromBeginning(): void {
    this.#resumeFrom([this.#beginning]);
  }

  resumed({ round, candidate, head }: Extract<Message, { say: 'resumed' }>): void {
    if (round !== this.#round || this.#state !== 'resuming') return;
    const from = this.#candidates[candidate];
    if (!from) throw new SyncError('bad_frame', 'it resumes with a candidate that was not one');
    const { count, memory, onProgress } = this.#settings;
    if (from.position === 0) count('resumeFull');
    else count(from === memory.checkpoint ? 'resumeAccepted' : 'resumeDrained');
    this.#state = 'pulling';
    // A position of an earlier epoch is one of this epoch, too: the source has everything that it had then.
    this.#intake = new Intake(from);
    this.#ackedThrough = -1;
    this.#held = undefined;
    this.#head = head;
    this.applier.retryStuck();
    this.#moved();
    onProgress();
  }

  regressed({ round }: Extract<Message, { say: 'regressed' }>): void {
    if (round !== this.#round || this.#state !== 'resuming') return;
    this.#state = 'regressed';
    this.#settings.count('resumeAudit');
    this.#settings.onRegressed();
  }

  headIs(head: number): void {
    this.#head = Math.max(this.#head, head);
  }

  /** What was told before a beat has arrived by the next one, or is lost. */
  wasTold({ round, told }: Told): void {
    if (round !== this.#round || this.#state !== 'pulling') return;
    const missed = this.#toldAtBeat;
    this.#toldAtBeat = told;
    if (this.#intake!.told < missed) this.#resumeFromHere();
  }

  changes({ round, from, through, head, entries }: Extract<Message, { say: 'changes' }>): void {
    // Of an earlier round, or said twice.
    if (round !== this.#round || this.#state !== 'pulling') return;
    const intake = this.#intake!;
    if (through < from || head < through)
      throw new SyncError('bad_frame', 'its changes end before they begin');
    // Something was lost on the way.
    if (from > intake.told) return this.#resumeFromHere();
    const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
    const range = new Range(through, head, bytes, entries.length);
    this.headIs(head);
    intake.add(range);
    if (
      intake.bytes - bytes > maxUnackedBytes * floodFactor ||
      intake.entries > maxUnackedEntries * floodFactor
    )
      throw new SyncError('bad_frame', 'it sends more than was acknowledged allows');
    this.applier.apply(range, entries);
    this.#moved();
  }

  /** Called every `retryStuckMs`. */
  retryStuck(): void {
    if (this.#state === 'pulling' && this.applier.stuck.isRetryDue()) this.applier.retryStuck();
  }

  close(): void {
    this.#state = 'closed';
    this.#checkpoint.close();
    this.applier.close();
    this.#remember(this.#intake?.committed);
  }

  #remember(position: Position | undefined): void {
    const { memory } = this.#settings;
    if (position) memory.checkpoint = this.#checkpointAt(position);
    memory.stuck = this.applier.stuck.toRemember;
  }

  get #beginning(): Checkpoint {
    return { epoch: this.#settings.epoch, position: 0, headSeen: 0 };
  }

  #resumeFromHere(): void {
    this.#resumeFrom([this.#checkpointAt(this.#intake!.committed)]);
  }

  #resumeFrom(candidates: readonly Checkpoint[]): void {
    this.#state = 'resuming';
    this.#candidates = candidates;
    this.#toldAtBeat = 0;
    this.#settings.say({ say: 'resume', round: ++this.#round, candidates });
  }

  #checkpointAt({ position, headSeen }: Position): Checkpoint {
    return { epoch: this.#settings.epoch, position, headSeen };
  }

  #moved(): void {
    const intake = this.#intake;
    if (!intake || this.#state === 'closed') return;
    intake.settle();
    const { position, headSeen } = intake.committed;
    if (position >= headSeen && this.applier.stuck.isEmpty) this.#held = position;
    if (position > this.#ackedThrough || this.#held !== this.#ackedHeld) this.#ackSoon();
    this.#settings.onProgress();
  }

  /** Once for all that is committed in a turn. */
  #ackSoon(): void {
    if (this.#isAckDue) return;
    this.#isAckDue = true;
    const { context, epoch, say } = this.#settings;
    context.clock.after(0, () => {
      this.#isAckDue = false;
      if (this.#state === 'closed' || !this.#intake) return;
      this.#ackedThrough = this.#intake.committed.position;
      this.#ackedHeld = this.#held;
      say({ say: 'ack', epoch, through: this.#ackedThrough, held: this.#held ?? 0 });
      if (this.#ackedThrough > this.#checkpoint.written) this.#checkpoint.within(rememberWithinMs);
    });
  }

  /** Everything that the source is known to have is here: a point to come back to. */
  wasDrained(): void {
    const { memory } = this.#settings;
    if (!this.#intake || memory.drained.some((point) => this.#isHere(point))) return;
    memory.wasDrained(this.#checkpointAt(this.#intake.committed));
  }

  #isHere(point: Checkpoint | undefined): boolean {
    return (
      point !== undefined &&
      point.position === this.#intake!.committed.position &&
      isSame(point.epoch, this.#settings.epoch)
    );
  }
}
