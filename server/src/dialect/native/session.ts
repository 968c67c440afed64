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
import { maxOutboxBytes } from '../../core/limits.ts';
import type { Speaker } from '../../core/speaker.ts';
import type { Principal } from '../../port/access.ts';
import type { Confirm } from '../../port/confirm.ts';
import type { Sequence } from '../../port/journal.ts';
import type { Observe } from '../../port/observe.ts';
import type { Outbox } from '../../port/outbox.ts';
import type { Session } from '../../port/session.ts';
import { Throttle } from '../throttle.ts';
import { ChannelSpeaker, type Line } from './channel-speaker.ts';
import { Confirms } from './confirms.ts';

interface NativeOpening {
  /** As the client calls it. */
  readonly engine: string;
  readonly mayWrite: boolean;
  readonly incarnation: number;
}

export interface NativeSettings {
  readonly replica: Uint8Array;
  /** That of the moment. */
  readonly epoch: Uint8Array;
  readonly confirm: Confirm;
  readonly durability: 'full' | 'normal';
  readonly maxFrameBytes: number;
  isInLineage(epoch: Uint8Array, sequence: Sequence): boolean;
  readonly observe: Observe;
  /** Rejects with a SyncError when the token is not accepted. */
  identify(token: string): Promise<Principal>;
  /** Throws a SyncError. */
  open(name: DocumentName, speaker: Speaker, opening: NativeOpening): Channel;
  readonly maxChannels: number;
  /** A document is to be opened: the milliseconds to wait before. */
  opens(): number;
  after(delayMs: number, action: () => void): void;
  /** The session ends when so much time has passed, unless this is called again; undefined lets it stay. */
  validFor(milliseconds: number | undefined): void;
}

/** The channel that is the connection. */
const connection = 0;
/** For which the session is held back, beside its channels: a document that is opened later than it was asked for. */
const opening = -1;
/** Likewise, until it is known who it is. */
const identifying = -2;

type State =
  | { readonly state: 'new' }
  | { readonly state: 'identifying' }
  | { readonly state: 'open'; readonly principal: Principal }
  | { readonly state: 'over' };

export class NativeSession implements Session, Line {
  readonly #outbox: Outbox;
  readonly #settings: NativeSettings;
  readonly #channels = new Map<number, { readonly name: DocumentName; readonly channel: Channel }>();
  readonly #throttle: Throttle;
  readonly #confirms: Confirms;
  #state: State = { state: 'new' };
  /** Frames that came in the same read as one that has to wait: a hello for who it is, a document for its turn. */
  #early: Uint8Array[] = [];

  constructor(outbox: Outbox, settings: NativeSettings) {
    this.#outbox = outbox;
    this.#throttle = new Throttle(outbox);
    this.#settings = settings;
    this.#confirms = new Confirms(settings.confirm, (message) => this.reply(message));
  }

  get hasSpoken(): boolean {
    return this.#state.state !== 'new';
  }

  receive(frame: Uint8Array): void {
    if (this.#state.state === 'over') return;
    if (this.#isWaiting) return void this.#early.push(frame);
    this.#act(() => this.#heard(upCodec.decode(frame)));
  }

  keepAlive(): void {
    this.reply({ say: 'pong' });
  }

  drained(): void {
    this.#throttle.drained();
    for (const { channel } of this.#channels.values()) channel.drained();
  }

  closed(): void {
    this.#state = { state: 'over' };
    this.#confirms.close();
    for (const { channel } of this.#channels.values()) channel.close();
    this.#channels.clear();
    this.#early = [];
  }

  get hasRoom(): boolean {
    return this.#outbox.bufferedBytes < maxOutboxBytes;
  }

  send(frame: Uint8Array): void {
    if (this.#state.state !== 'over') this.#outbox.send(frame);
  }

  reply(message: Down): void {
    this.send(downCodec.encode(message));
    this.#throttle.replied();
  }

  ended(channel: number): void {
    this.#channels.delete(channel);
    this.#confirms.ended(channel);
    this.holdBack(channel, false);
  }

  keeps(bytes: number): void {
    this.#throttle.keeps(bytes);
  }

  holdBack(channel: number, isHeldBack: boolean): void {
    this.#throttle.holdBack(channel, isHeldBack);
  }

  get #isWaiting(): boolean {
    return this.#state.state === 'identifying' || this.#throttle.isHeldBack(opening);
  }

  #act(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.end(error);
    }
  }

  /** What came early is done in order, up to what has to wait itself. */
  #readOn(): void {
    while (!this.#isWaiting) {
      const frame = this.#early.shift();
      if (!frame) return;
      this.receive(frame);
    }
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
        return this.#openInTurn(message);
      case 'close':
        this.#channels.get(message.channel)?.channel.close();
        return this.ended(message.channel);
      case 'ping':
        return this.reply({ say: 'pong' });
      case 'renew':
        return void this.#renew(message.token);
      case 'compare':
      case 'updates':
      case 'verify':
      case 'presence':
      case 'confirm':
      case 'ephemeral':
        return this.#heardOf(message);
    }
  }

  /** A channel that is not open was refused while the message was on its way, and the client has been told. */
  #heardOf(message: Exclude<Up, { say: 'hello' | 'open' | 'close' | 'ping' | 'renew' }>): void {
    const channel = this.#channels.get(message.channel)?.channel;
    switch (message.say) {
      case 'compare':
        return channel?.compared(message.request, message.deletions);
      case 'updates':
        return channel?.batch(message.batch, message.updates);
      case 'verify':
        return channel?.verify();
      case 'presence':
        return channel?.presence(message.entries);
      case 'confirm':
        return channel && this.#confirms.ask(message);
      case 'ephemeral':
        return channel?.ephemeral(message);
    }
  }

  async #greet({ lowestVersion, highestVersion, token }: Extract<Up, { say: 'hello' }>): Promise<void> {
    this.#state = { state: 'identifying' };
    this.holdBack(identifying, true);
    try {
      if (lowestVersion > protocolVersion || highestVersion < protocolVersion) {
        throw new SyncError('unsupported_version', `the server speaks version ${protocolVersion}`);
      }
      const principal = await this.#settings.identify(token);
      // It may have gone meanwhile.
      if (this.#isOver()) return;
      this.#state = { state: 'open', principal };
      const { replica, epoch, durability, maxFrameBytes } = this.#settings;
      const facts = { replica, epoch, durability, maxFrameBytes, expiresInMs: this.#expiresInMs(principal) };
      this.reply({ say: 'welcome', version: protocolVersion, ...facts });
      this.holdBack(identifying, false);
      this.#readOn();
    } catch (error) {
      this.end(error);
    }
  }

  /** The same principal again, with what it may do now. */
  async #renew(token: string): Promise<void> {
    try {
      const renewed = await this.#settings.identify(token);
      if (this.#state.state !== 'open') return;
      if (renewed.id !== this.#state.principal.id) {
        throw new SyncError('unauthenticated', 'the new token is for somebody else');
      }
      this.#state = { state: 'open', principal: renewed };
      this.reply({ say: 'renewed', expiresInMs: this.#expiresInMs(renewed) });
      for (const [number, { name, channel }] of this.#channels) this.#grantAgain(number, name, channel);
    } catch (error) {
      this.end(error);
    }
  }

  #grantAgain(number: number, name: DocumentName, channel: Channel): void {
    const { mayRead, mayWrite } = this.#grants(name);
    if (mayRead) return channel.allowWriting(mayWrite);
    channel.close();
    this.#refuse(number, new SyncError('forbidden'));
    this.ended(number);
  }

  /** Rounded up: 0 would say never. */
  #expiresInMs({ validForMs }: Principal): number {
    this.#settings.validFor(validForMs);
    return validForMs === undefined ? 0 : Math.max(1, Math.ceil(validForMs));
  }

  /** Opened too fast, documents are not refused: they wait, and what comes behind waits in the network. */
  #openInTurn(message: Extract<Up, { say: 'open' }>): void {
    const waitMs = this.#settings.opens();
    if (waitMs === 0) return this.#open(message);
    this.holdBack(opening, true);
    this.#settings.after(waitMs, () => {
      if (this.#isOver()) return;
      this.holdBack(opening, false);
      this.#act(() => this.#open(message));
      this.#readOn();
    });
  }

  #open({ channel: number, document, engine, incarnation, resume }: Extract<Up, { say: 'open' }>): void {
    if (this.#channels.has(number)) throw new SyncError('bad_frame', 'the channel is open');
    try {
      if (this.#channels.size >= this.#settings.maxChannels) throw new SyncError('too_many_channels');
      const name = documentName(document);
      const { mayRead, mayWrite } = this.#grants(name);
      if (!mayRead) throw new SyncError('forbidden');
      const speaker = new ChannelSpeaker(number, this);
      const channel = this.#settings.open(name, speaker, { engine, mayWrite, incarnation });
      speaker.channel = channel;
      // What it has may be of another incarnation, which is known at once of a document that others have open.
      if (channel.isClosed) return;
      this.#channels.set(number, { name, channel });
      if (!resume) return;
      if (this.#isInLineage(resume)) channel.resumed(resume.position);
      else speaker.expired();
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      this.#refuse(number, error);
    }
  }

  #grants(name: DocumentName): { mayRead: boolean; mayWrite: boolean } {
    if (this.#state.state !== 'open') return { mayRead: false, mayWrite: false };
    const { principal } = this.#state;
    return { mayRead: principal.may('read', name), mayWrite: principal.may('write', name) };
  }

  #refuse(channel: number, { code, detail }: SyncError): void {
    this.reply({ say: 'refused', channel, code, detail });
  }

  #isInLineage({ replica, epoch, position, headSeen }: ResumePosition): boolean {
    if (position > headSeen || replica.some((byte, index) => byte !== this.#settings.replica[index]))
      return false;
    return replica.length === this.#settings.replica.length && this.#settings.isInLineage(epoch, headSeen);
  }

  end(error: unknown): void {
    const refusal = error instanceof SyncError ? error : new SyncError('internal');
    if (refusal !== error) this.#settings.observe.notice({ event: 'internal-error', reason: String(error) });
    this.#refuse(connection, refusal);
    this.closed();
    this.#outbox.close(refusal.close, refusal.message);
  }

  #isOver(): boolean {
    return this.#state.state === 'over';
  }
}
