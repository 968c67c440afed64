// One open document of a native session: puts what its channel says into messages under the channel's number.
import type { Down, SyncError } from '@syncline/shared';
import type { Channel } from '../../core/channel.ts';
import type { EphemeralNews } from '../../core/ephemeral.ts';
import type { LiveEntry } from '../../core/live-entry.ts';
import type { BatchRange } from '../../core/receipts.ts';
import type { PresenceNews, ReceiptSpeaker, Speaker } from '../../core/speaker.ts';
import type { Sequence } from '../../port/journal.ts';
import { answerFrames, entryFrames, ephemeralFrame, presenceFrame } from './frames.ts';

/** What the speakers of one session share. */
export interface Line {
  readonly hasRoom: boolean;
  /** What is sent while there is room. */
  send(frame: Uint8Array): void;
  /** What is said whether there is room or not; who does not read it is soon not read either. */
  reply(message: Down): void;
  /** The channel is over and was told so. */
  ended(channel: number): void;
  /** So much more, or less, is kept in memory for what the session has said. */
  keeps(bytes: number): void;
  /** Whether the session is to be read on behalf of this channel. */
  holdBack(channel: number, isHeldBack: boolean): void;
}

const nothingKnown = new Uint8Array(0);

export class ChannelSpeaker implements Speaker, ReceiptSpeaker {
  readonly receipts = this;
  readonly #number: number;
  readonly #line: Line;
  /** Set as soon as the document is open. */
  channel!: Channel;

  constructor(number: number, line: Line) {
    this.#number = number;
    this.#line = line;
  }

  get hasRoom(): boolean {
    return this.#line.hasRoom;
  }

  ask(request: Uint8Array): void {
    this.#say({ say: 'ask', channel: this.#number, request });
  }

  deliver(entry: LiveEntry): void {
    for (const frame of entryFrames(entry, this.#number, this.channel)) this.#line.send(frame);
  }

  tell(pieces: readonly Uint8Array[]): void {
    for (const frame of answerFrames(this.#number, pieces)) this.#line.send(frame);
  }

  answering(bytes: number): void {
    this.#say({ say: 'answer', channel: this.#number, bytes });
  }

  answered(last: Uint8Array | undefined, position: Sequence): void {
    if (last) this.tell([last]);
    this.verified(position, this.channel.fingerprintAt(position) ?? nothingKnown);
  }

  expired(): void {
    this.#say({ say: 'expired', channel: this.#number });
  }

  stored({ from, through }: BatchRange, sequence: Sequence, position: Sequence): void {
    this.#say({ say: 'stored', channel: this.#number, from, through, sequence, position });
  }

  again({ from, through }: BatchRange): void {
    this.#say({ say: 'again', channel: this.#number, from, through });
  }

  access(mayWrite: boolean): void {
    this.#say({ say: 'access', channel: this.#number, level: mayWrite ? 'write' : 'read' });
  }

  incarnation(incarnation: number): void {
    this.#say({ say: 'incarnation', channel: this.#number, incarnation });
  }

  verified(position: Sequence, digest: Uint8Array): void {
    this.#say({ say: 'caughtUp', channel: this.#number, position, digest });
  }

  presence(news: PresenceNews): void {
    this.#line.send(presenceFrame(this.#number, news));
  }

  ephemeral(news: EphemeralNews): void {
    this.#line.send(ephemeralFrame(this.#number, news));
  }

  refuse({ code, detail }: SyncError): void {
    this.#say({ say: 'refused', channel: this.#number, code, detail });
    this.#line.ended(this.#number);
  }

  keeps(bytes: number): void {
    this.#line.keeps(bytes);
  }

  pause(): void {
    this.#line.holdBack(this.#number, true);
  }

  resume(): void {
    this.#line.holdBack(this.#number, false);
  }

  #say(message: Down): void {
    this.#line.reply(message);
  }
}
