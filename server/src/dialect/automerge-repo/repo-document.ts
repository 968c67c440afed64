// One document of a session: what its client says goes to a channel and into the state of their sync, and whenever something has been
// committed, or said, the client is told what that state says. One message is in the making at a time.
import { type SyncError } from '@syncline/shared';
import { encodeCbor } from '@syncline/shared/cbor/writer.ts';
import type { Channel } from '../../core/channel.ts';
import type { EphemeralNews } from '../../core/ephemeral.ts';
import type { LiveEntry } from '../../core/live-entry.ts';
import type { BatchRange } from '../../core/receipts.ts';
import type { ReceiptSpeaker, Speaker } from '../../core/speaker.ts';
import type { ChangeFormat, ChangeGraph } from '../../port/changes.ts';
import type { Clock, Timer } from '../../port/clock.ts';
import { FrameHead } from './frame-head.ts';
import { changesByKey, Gathering, keyOf } from './gathering.ts';
import { type EphemeralFrame, type Ends, type SyncFrame, unavailableFrame } from './repo-message.ts';
import { decodeSyncMessage, sizeOfSyncMessage, writeSyncMessage } from './sync-message.ts';
import { type Proposal, SyncState } from './sync-state.ts';

/** What the documents of one session share. */
export interface RepoLine {
  readonly hasRoom: boolean;
  readonly clock: Clock;
  readonly format: ChangeFormat;
  /** Of what is said here. */
  readonly ends: Ends;
  /** What is sent while there is room. */
  send(frame: Uint8Array): void;
  /** What is said whether there is room or not. */
  reply(frame: Uint8Array): void;
  /** The document's channel is over. */
  refused(documentId: string, error: SyncError): void;
  /** So much more, or less, is kept in memory for the session. */
  keeps(bytes: number): void;
  /** Whether the session is to be read on behalf of this document. */
  holdBack(documentId: string, isHeldBack: boolean): void;
}

/** Names this dialect's parsing among what an entry keeps for all its readers. */
const dialect = 'automerge-repo';

/** A document that nobody has may be on its way from whoever has just made it: this long it is waited for. */
export const unavailableAfterMs = 300;

/** What is kept of entries while nothing can be sent; what is beyond is read from the journal. */
const maxFreshBytes = 256 * 1024;

/** Changes are checked, and stored, in updates of about this much. */
const updateBytes = 8 * 1024;

export class RepoDocument implements Speaker, ReceiptSpeaker {
  readonly receipts = this;
  readonly #documentId: string;
  readonly #line: RepoLine;
  readonly #mayWrite: boolean;
  readonly #state: SyncState;
  readonly #syncHead: FrameHead;
  /** Set as soon as the document is open. */
  channel!: Channel;
  #batches = 0;
  /** Batches that are neither stored nor lost yet. */
  #underWay = 0;
  /** The client has asked for a document of which it has nothing. */
  #isRequested = false;
  #grace: Timer | undefined;
  #gathering: Gathering | undefined;
  #isLooking = false;
  /** Something was said, or committed, since it was decided what the client is to be told. */
  #isNews = false;
  /** Something may have to be said as soon as there is room. */
  #isOwed = false;
  #isFollowing = false;
  /** Changes that were committed a moment ago and may have to be sent. */
  readonly #fresh = new Map<string, Uint8Array>();
  #freshBytes = 0;

  constructor(documentId: string, line: RepoLine, mayWrite: boolean) {
    this.#documentId = documentId;
    this.#line = line;
    this.#mayWrite = mayWrite;
    this.#state = new SyncState(!mayWrite);
    this.#syncHead = new FrameHead({ type: 'sync', ...line.ends, documentId }, 'data');
  }

  /** Throws `bad_frame`. */
  heard({ type, data }: SyncFrame): void {
    const message = decodeSyncMessage(data);
    this.#isRequested = type === 'request';
    this.#state.hear(message);
    this.#isNews = true;
    const brings = this.#mayWrite && message.changes.length > 0;
    if (!brings) return this.#look();
    // What it brings is told of when it is committed.
    this.#underWay++;
    this.channel.batch(++this.#batches, inUpdates(message.changes));
  }

  heardEphemeral({ senderId: sender, sessionId: session, count, data }: EphemeralFrame): void {
    this.channel.ephemeral({ sender, session, count, data: data.slice() });
  }

  drained(): void {
    this.channel.drained();
    if (!this.#isOwed) return;
    this.#isOwed = false;
    this.#look();
  }

  close(): void {
    this.#grace?.cancel();
    this.channel.close();
  }

  get hasRoom(): boolean {
    return this.#line.hasRoom;
  }

  ask(): void {
    this.#state.ask();
    this.#look();
  }

  deliver(entry: LiveEntry): void {
    const { format } = this.#line;
    const changes = entry.encoded(dialect, ({ pieces }) =>
      pieces.map(({ update }) => changesByKey(format, update)),
    );
    for (const each of changes) this.#keepFresh(each);
    this.#look();
  }

  tell(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.#take(piece);
    if (!this.#gathering) this.#look();
  }

  answered(last: Uint8Array | undefined): void {
    if (last) this.#take(last);
    const gathered = this.#gathering;
    if (!gathered) return;
    this.#gathering = undefined;
    this.#say(gathered.proposal, gathered.chunks);
    // More may have been committed meanwhile.
    this.#look();
  }

  /** Clients of this dialect know of no presence but what they say to each other in messages. */
  presence(): void {}

  ephemeral({ sender, session, count, data }: EphemeralNews): void {
    const { targetId } = this.#line.ends;
    if (sender === targetId) return;
    const documentId = this.#documentId;
    this.#line.send(
      encodeCbor({
        type: 'ephemeral',
        senderId: sender,
        targetId,
        count,
        sessionId: session,
        documentId,
        data,
      }),
    );
  }

  refuse(error: SyncError): void {
    this.#grace?.cancel();
    this.#line.refused(this.#documentId, error);
  }

  keeps(bytes: number): void {
    this.#line.keeps(bytes);
  }

  pause(): void {
    this.#line.holdBack(this.#documentId, true);
  }

  resume(): void {
    this.#line.holdBack(this.#documentId, false);
  }

  stored({ from, through }: BatchRange): void {
    this.#underWay -= through - from + 1;
    // Mostly it has been seen as an entry a moment ago.
    if (this.#isNews || (this.#underWay === 0 && this.#state.isHoldingBack)) this.#look();
  }

  again({ from, through }: BatchRange): void {
    this.#underWay -= through - from + 1;
    this.#state.askAgain();
    this.#look();
  }

  answering(): void {}
  expired(): void {}
  access(): void {}
  incarnation(): void {}
  verified(): void {}

  /** Looks at what the client is to be told. */
  #look(): void {
    this.#isNews = true;
    if (this.#gathering || this.#isLooking || this.channel.isClosed) return;
    if (!this.hasRoom) {
      this.#isOwed = true;
      return;
    }
    this.#isLooking = true;
    this.channel.withVersion((version) => {
      this.#isLooking = false;
      this.#decide(this.#line.format.graphOf(version));
    });
  }

  #decide(graph: ChangeGraph): void {
    // It may have had to wait for the document.
    if (this.#gathering || !this.hasRoom) return void (this.#isOwed = true);
    this.#isNews = false;
    if (!this.#isFollowing) {
      this.#isFollowing = true;
      this.channel.follow();
    }
    if (this.#isRequested && graph.committedCount === 0) return this.#waitForSomebody();
    this.#grace?.cancel();
    const proposal = this.#state.next(graph, this.#underWay > 0);
    const atHand = proposal && this.#atHand(graph, proposal.lacking);
    this.#fresh.clear();
    this.#freshBytes = 0;
    if (!proposal) return;
    if (atHand) this.#say(proposal, atHand);
    else this.#gather(graph, proposal);
  }

  #waitForSomebody(): void {
    this.#grace?.cancel();
    this.#grace = this.#line.clock.after(unavailableAfterMs, () => {
      this.channel.withVersion((version) => {
        if (this.#line.format.graphOf(version).committedCount > 0) return;
        // It stays open: whoever brings the document later brings it to this client, too.
        this.#line.reply(unavailableFrame(this.#line.ends, this.#documentId));
      });
    });
  }

  #atHand(graph: ChangeGraph, lacking: readonly number[]): Uint8Array[] | undefined {
    if (lacking.length > this.#fresh.size) return undefined;
    const changes: Uint8Array[] = [];
    for (const index of lacking) {
      const change = this.#fresh.get(keyOf(graph.hashAt(index)));
      if (!change) return undefined;
      changes.push(change);
    }
    return changes;
  }

  #gather(graph: ChangeGraph, proposal: Proposal): void {
    const { format } = this.#line;
    const { lacking, isVersion2 } = proposal;
    // What is stored of a document is far smaller than its changes one by one.
    const isWhole = isVersion2 && lacking.length > Math.floor(graph.committedCount / 3);
    const hashes = isWhole ? undefined : lacking.map((index) => graph.hashAt(index).slice());
    this.#gathering = new Gathering(proposal, format, hashes);
    this.channel.requested(hashes ? format.requestOf(hashes) : format.requestOfAll);
  }

  #say({ heads, need, have, isVersion2, trailer }: Proposal, changes: readonly Uint8Array[]): void {
    const said = { heads, need, have, changes, isVersion2, trailer };
    const size = sizeOfSyncMessage(said);
    const frame = this.#syncHead.before(size);
    writeSyncMessage(said, frame, frame.length - size);
    this.#line.send(frame);
  }

  #take(piece: Uint8Array): void {
    if (this.#gathering) this.#gathering.take(piece);
    else if (!this.#line.format.isDocument(piece)) this.#keepFresh(changesByKey(this.#line.format, piece));
  }

  #keepFresh(changes: ReadonlyMap<string, Uint8Array>): void {
    for (const [key, change] of changes) {
      this.#freshBytes += change.length;
      this.#fresh.set(key, change);
    }
    if (this.#freshBytes <= maxFreshBytes) return;
    this.#fresh.clear();
    this.#freshBytes = 0;
  }
}

/** Clients send every change by itself; what comes together is checked and stored together. */
function inUpdates(changes: readonly Uint8Array[]): Uint8Array[] {
  const updates: Uint8Array[] = [];
  for (let start = 0; start < changes.length;) {
    let bytes = changes[start]!.length;
    let end = start + 1;
    while (end < changes.length && bytes + changes[end]!.length <= updateBytes)
      bytes += changes[end++]!.length;
    updates.push(end === start + 1 ? changes[start]! : joined(changes.slice(start, end), bytes));
    start = end;
  }
  return updates;
}

function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
