// One socket of the native protocol: greets, then carries many documents under numbers of the client's choice.
import {
  documentName,
  type DocumentName,
  type Down,
  downCodec,
  protocolVersion,
  type ResumePosition,
  SyncError,
  type Up,
  upCodec,
} from '@syncline/shared';
import type { Channel } from '../../core/channel.ts';
import { maxOutboxBytes, maxQueuedBytesOfChannel } from '../../core/limits.ts';
import type { Speaker } from '../../core/speaker.ts';
import type { Principal } from '../../port/access.ts';
import type { Sequence } from '../../port/journal.ts';
import type { Observe } from '../../port/observe.ts';
import type { Outbox } from '../../port/outbox.ts';
import type { Session } from '../../port/session.ts';
import { ChannelSpeaker, type Line } from './channel-speaker.ts';

export interface NativeSettings {
  readonly replica: Uint8Array;
  readonly epoch: Uint8Array;
  readonly durability: 'full' | 'normal';
  readonly maxFrameBytes: number;
  isInLineage(epoch: Uint8Array, sequence: Sequence): boolean;
  readonly observe: Observe;
  /** Rejects with a SyncError when the token is not accepted. */
  identify(token: string): Promise<Principal>;
  /** Throws a SyncError. */
  open(name: DocumentName, speaker: Speaker): Channel;
}

/** An app of a thousand documents has room to grow; each costs what a connection of its own would cost in the core. */
export const maxChannels = 4_096;

/** Replies that may wait for a client which does not read, behind more than a socket buffers anyway: it is then not read either. */
export const maxUnreadReplies = 1_000;
/** Twice what a stream buffers before it tells that it has drained. */
const minUnreadBytes = 128 * 1024;

/** The channel that is the connection. */
const connection = 0;
/** Holds the session back for what all of its channels have waiting. */
const allChannels = -1;

type State =
  | { readonly state: 'new' }
  /** Frames that came in the same read as the hello wait until it is known who sent them. */
  | { readonly state: 'identifying'; readonly early: Uint8Array[] }
  | { readonly state: 'open'; readonly principal: Principal }
  | { readonly state: 'over' };

export class NativeSession implements Session, Line {
  readonly #outbox: Outbox;
  readonly #settings: NativeSettings;
  readonly #channels = new Map<number, Channel>();
  readonly #heldBack = new Set<number>();
  #state: State = { state: 'new' };
  #unreadReplies = 0;
  #keptBytes = 0;

  constructor(outbox: Outbox, settings: NativeSettings) {
    this.#outbox = outbox;
    this.#settings = settings;
  }

  get hasSpoken(): boolean {
    return this.#state.state !== 'new';
  }

  receive(frame: Uint8Array): void {
    if (this.#state.state === 'over') return;
    if (this.#state.state === 'identifying') return void this.#state.early.push(frame);
    try {
      this.#heard(upCodec.decode(frame));
    } catch (error) {
      this.#end(error);
    }
  }

  keepAlive(): void {
    this.reply({ say: 'pong' });
  }

  drained(): void {
    this.#unreadReplies = 0;
    this.holdBack(connection, false);
    for (const channel of this.#channels.values()) channel.drained();
  }

  closed(): void {
    this.#state = { state: 'over' };
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
  }

  get hasRoom(): boolean {
    return this.#outbox.bufferedBytes < maxOutboxBytes;
  }

  send(frame: Uint8Array): void {
    if (this.#state.state !== 'over') this.#outbox.send(frame);
  }

  reply(message: Down): void {
    this.send(downCodec.encode(message));
    if (this.#outbox.bufferedBytes < minUnreadBytes) this.#unreadReplies = 0;
    else if (++this.#unreadReplies > maxUnreadReplies) this.holdBack(connection, true);
  }

  ended(channel: number): void {
    this.#channels.delete(channel);
    this.holdBack(channel, false);
  }

  /** What one session may have waiting is one bound, however many channels it has, those that it has closed included. */
  keeps(bytes: number): void {
    this.#keptBytes += bytes;
    if (this.#keptBytes > maxQueuedBytesOfChannel) this.holdBack(allChannels, true);
    else if (this.#keptBytes * 2 <= maxQueuedBytesOfChannel) this.holdBack(allChannels, false);
  }

  holdBack(channel: number, isHeldBack: boolean): void {
    const before = this.#heldBack.size;
    if (isHeldBack) this.#heldBack.add(channel);
    else this.#heldBack.delete(channel);
    if (before === 0 && this.#heldBack.size > 0) this.#outbox.pause();
    if (before > 0 && this.#heldBack.size === 0) this.#outbox.resume();
  }

  #heard(message: Up): void {
    if (this.#state.state === 'new') {
      if (message.say !== 'hello') throw new SyncError('bad_frame', 'it comes before the hello');
      void this.#greet(message);
      return;
    }
    if ('channel' in message && message.channel === connection) {
      throw new SyncError('bad_frame', 'channel 0 is the connection');
    }
    switch (message.say) {
      case 'hello':
        throw new SyncError('bad_frame', 'it is a second hello');
      case 'open':
        return this.#open(message);
      case 'close':
        this.#channels.get(message.channel)?.close();
        return this.ended(message.channel);
      case 'ping':
        return this.reply({ say: 'pong' });
      case 'compare':
      case 'updates':
      case 'verify':
      case 'presence':
        return this.#heardOf(message);
    }
  }

  /** A channel that is not open was refused while the message was on its way, and the client has been told. */
  #heardOf(message: Exclude<Up, { say: 'hello' | 'open' | 'close' | 'ping' }>): void {
    const channel = this.#channels.get(message.channel);
    switch (message.say) {
      case 'compare':
        return channel?.compared(message.request, message.deletions);
      case 'updates':
        return channel?.batch(message.batch, message.updates);
      case 'verify':
        return channel?.verify();
      case 'presence':
        return channel?.presence(message.entries);
    }
  }

  async #greet({ lowestVersion, highestVersion, token }: Extract<Up, { say: 'hello' }>): Promise<void> {
    const early: Uint8Array[] = [];
    this.#state = { state: 'identifying', early };
    this.#outbox.pause();
    try {
      if (lowestVersion > protocolVersion || highestVersion < protocolVersion) {
        throw new SyncError('unsupported_version', `the server speaks version ${protocolVersion}`);
      }
      const principal = await this.#settings.identify(token);
      // It may have gone meanwhile.
      if (this.#isOver()) return;
      this.#state = { state: 'open', principal };
      const { replica, epoch, durability, maxFrameBytes } = this.#settings;
      this.reply({ say: 'welcome', version: protocolVersion, replica, epoch, durability, maxFrameBytes });
      for (const frame of early) this.receive(frame);
      if (this.#heldBack.size === 0) this.#outbox.resume();
    } catch (error) {
      this.#end(error);
    }
  }

  #open({ channel: number, document, resume }: Extract<Up, { say: 'open' }>): void {
    if (this.#channels.has(number)) throw new SyncError('bad_frame', 'the channel is open');
    try {
      if (this.#channels.size >= maxChannels) throw new SyncError('too_many_channels');
      const name = documentName(document);
      if (!this.#mayOpen(name)) throw new SyncError('forbidden');
      const speaker = new ChannelSpeaker(number, this);
      const channel = this.#settings.open(name, speaker);
      speaker.channel = channel;
      this.#channels.set(number, channel);
      if (!resume) return;
      if (this.#isInLineage(resume)) channel.resumed(resume.position);
      else speaker.expired();
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      this.reply({ say: 'refused', channel: number, code: error.code, detail: error.detail });
    }
  }

  #mayOpen(name: DocumentName): boolean {
    if (this.#state.state !== 'open') return false;
    const { principal } = this.#state;
    return principal.may('read', name) && principal.may('write', name);
  }

  #isInLineage({ replica, epoch, position, headSeen }: ResumePosition): boolean {
    if (position > headSeen || replica.some((byte, index) => byte !== this.#settings.replica[index]))
      return false;
    return replica.length === this.#settings.replica.length && this.#settings.isInLineage(epoch, headSeen);
  }

  #end(error: unknown): void {
    const refusal = error instanceof SyncError ? error : new SyncError('internal');
    if (refusal !== error) this.#settings.observe.notice({ event: 'internal-error', reason: String(error) });
    this.reply({ say: 'refused', channel: connection, code: refusal.code, detail: refusal.detail });
    this.closed();
    this.#outbox.close(refusal.close, refusal.message);
  }

  #isOver(): boolean {
    return this.#state.state === 'over';
  }
}
