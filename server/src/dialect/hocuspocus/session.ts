// One socket of the Hocuspocus dialect: the providers of versions 2 to 4, any number of documents, each under its address.
import { type DocumentName, SyncError } from '@syncline/shared';
import type { Channel } from '../../core/channel.ts';
import { maxOutboxBytes } from '../../core/limits.ts';
import type { Speaker } from '../../core/speaker.ts';
import type { Principal } from '../../port/access.ts';
import type { Clock } from '../../port/clock.ts';
import type { Observe } from '../../port/observe.ts';
import type { Outbox } from '../../port/outbox.ts';
import type { Session } from '../../port/session.ts';
import { Throttle } from '../throttle.ts';
import { Conversation } from './conversation.ts';
import { maxPauseMs, maxWaitingDocuments } from './limits.ts';
import type { Line } from './line.ts';
import { type AddressedMessage, greetingFrame, pongFrame, readFrame } from './message.ts';
import type { Stateless } from './stateless.ts';
import { WaitingRoom } from './waiting.ts';

export interface HocuspocusSettings {
  readonly clock: Clock;
  readonly observe: Observe;
  readonly stateless: Stateless;
  /** What all sockets share. */
  readonly waitingRoom: WaitingRoom;
  readonly maxChannels: number;
  /** Whether nobody needs a token: a provider of version 2 that has none says none. */
  readonly isOpen: boolean;
  /** Rejects with a SyncError when the token is not accepted. */
  identify(token: string): Promise<Principal>;
  /** Throws a SyncError. */
  open(name: DocumentName, speaker: Speaker, access: { mayWrite: boolean }): Channel;
  /** Somebody says who it is: the milliseconds to wait before it is heard. */
  opens(): number;
}

/** What these servers have always closed a socket with that is to connect again; a provider of version 2 stops for good at 4401. */
const resetCode = 4205;

export class HocuspocusSession implements Session, Line {
  readonly waitingRoom: WaitingRoom;
  readonly #outbox: Outbox;
  readonly #settings: HocuspocusSettings;
  readonly #throttle: Throttle;
  readonly #conversations = new Map<string, Conversation>();
  isAtOnce = false;
  #heardMs = -Infinity;
  /** Of which something was said last; it may be over. */
  #last: Conversation | undefined;
  #hasSpoken = false;
  #isOver = false;
  #isIdentifying = false;
  /** Frames that came in the same read as one that says who it is. */
  #early: Uint8Array[] = [];

  constructor(outbox: Outbox, settings: HocuspocusSettings) {
    this.#outbox = outbox;
    this.#settings = settings;
    this.#throttle = new Throttle(outbox);
    this.waitingRoom = new WaitingRoom(settings.waitingRoom);
  }

  begin(): void {
    this.send(greetingFrame);
  }

  get clock(): Clock {
    return this.#settings.clock;
  }

  get stateless(): Stateless {
    return this.#settings.stateless;
  }

  /** Whether somebody has said who it is. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  receive(frame: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#isIdentifying) return void this.#early.push(frame);
    const now = this.clock.now();
    this.isAtOnce = now - this.#heardMs < maxPauseMs;
    this.#heardMs = now;
    try {
      const read = readFrame(frame);
      if (read === 'ping') this.reply(pongFrame);
      else if (read !== 'pong') this.#heard(read, frame);
    } catch (error) {
      this.#fail(error);
    }
  }

  keepAlive(): void {
    this.#last?.keepAlive();
    for (const conversation of this.#conversations.values()) conversation.quiet();
  }

  drained(): void {
    this.#throttle.drained();
    for (const conversation of this.#conversations.values()) conversation.drained();
  }

  closed(): void {
    this.#isOver = true;
    for (const conversation of this.#conversations.values()) conversation.leave();
    this.#conversations.clear();
    this.#early = [];
  }

  end(error: SyncError): void {
    if (this.#isOver) return;
    // A provider of version 2 that has no token waits for an answer all the same.
    if (error.code === 'silent') this.#denyStrangers();
    this.closed();
    this.#outbox.close(error.close, error.message);
  }

  reset(): void {
    this.closed();
    this.#outbox.close(resetCode, new SyncError('token_expired').message);
  }

  get hasRoom(): boolean {
    return this.#outbox.bufferedBytes < maxOutboxBytes;
  }

  open(name: DocumentName, speaker: Speaker, access: { mayWrite: boolean }): Channel {
    return this.#settings.open(name, speaker, access);
  }

  send(frame: Uint8Array): void {
    if (!this.#isOver) this.#outbox.send(frame);
  }

  reply(frame: Uint8Array): void {
    this.send(frame);
    this.#throttle.replied();
  }

  keeps(bytes: number): void {
    this.#throttle.keeps(bytes);
  }

  holdBack(who: object, isHeldBack: boolean): void {
    this.#throttle.holdBack(who, isHeldBack);
    // What has come meanwhile was not read, and comes at once behind what was.
    if (!isHeldBack) this.#heardMs = this.clock.now();
  }

  #heard({ address, message }: AddressedMessage, frame: Uint8Array): void {
    const known = this.#conversations.get(address);
    if (message.say === 'close') {
      known?.leave();
      this.#conversations.delete(address);
      return;
    }
    // A provider of version 2 says behind its goodbye that nobody is there.
    if (!known && message.say === 'presence' && message.entries.every(({ state }) => !state)) return;
    const conversation = known ?? this.#begin(address);
    this.#last = conversation;
    if (message.say === 'token') {
      conversation.introduced(message.token, message.version);
      return void this.#identify(conversation, message.token);
    }
    if (this.#settings.isOpen && conversation.isNew && message.say === 'sync') {
      this.#early.unshift(frame);
      return void this.#identify(conversation, '');
    }
    conversation.hear(message, frame.length);
  }

  /** Throws `too_many_channels`. */
  #begin(address: string): Conversation {
    let waiting = 0;
    for (const { isNew } of this.#conversations.values()) if (isNew) waiting++;
    const { maxChannels } = this.#settings;
    if (waiting >= maxWaitingDocuments || this.#conversations.size >= maxChannels + maxWaitingDocuments) {
      throw new SyncError('too_many_channels');
    }
    const conversation = new Conversation(address, this);
    this.#conversations.set(address, conversation);
    return conversation;
  }

  /** What comes behind it waits, and in the end is not read. */
  async #identify(conversation: Conversation, token: string): Promise<void> {
    this.#hasSpoken = this.#isIdentifying = true;
    this.holdBack(this, true);
    try {
      const waitMs = this.#settings.opens();
      if (waitMs > 0) await new Promise<void>((resolve) => void this.clock.after(waitMs, resolve));
      const principal = await this.#settings.identify(token);
      if (!this.#isGone()) this.#admit(conversation, principal);
    } catch (error) {
      if (error instanceof SyncError && error.retry === 'never') conversation.deny(error);
      else this.#fail(error);
    }
    this.#isIdentifying = false;
    this.holdBack(this, false);
    this.#readOn();
  }

  /** Throws `too_many_channels`. */
  #admit(conversation: Conversation, principal: Principal): void {
    if (!conversation.isAdmitted) {
      let admitted = 0;
      for (const each of this.#conversations.values()) if (each.isAdmitted) admitted++;
      if (admitted >= this.#settings.maxChannels) throw new SyncError('too_many_channels');
    }
    conversation.letIn(principal);
  }

  /** What came early is done in order, up to what has to wait itself. */
  #readOn(): void {
    while (!this.#isIdentifying) {
      const frame = this.#early.shift();
      if (!frame) return;
      this.receive(frame);
    }
  }

  #denyStrangers(): void {
    for (const conversation of this.#conversations.values())
      if (conversation.isNew) conversation.deny(new SyncError('unauthenticated'));
  }

  #fail(error: unknown): void {
    const refusal = error instanceof SyncError ? error : new SyncError('internal');
    if (refusal !== error) this.#settings.observe.notice({ event: 'internal-error', reason: String(error) });
    this.end(refusal);
  }

  #isGone(): boolean {
    return this.#isOver;
  }
}
