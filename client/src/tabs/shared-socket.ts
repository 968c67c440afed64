// One socket to a server that carries the connections of several tabs. It greets once, gives every channel of theirs a number of its
// own, and hands each what is meant for it; what is said of documents it does not read.
//
// What holds at every moment: a number on the socket belongs to one channel of one tab, and to no other ever; what a tab hears of a
// channel the server has said of that channel, in its order; the server refuses nobody for what another tab said.
import { downCodec, maxSilenceMs, signOfLifeMs, SyncError, upCodec } from '@syncline/shared';
import { down, up } from '@syncline/shared/wire/messages.ts';
import type { Platform, Socket } from '../sync/platform.ts';
import { Admission, helloIn } from './admission.ts';
import { ChannelNumbers } from './channel-numbers.ts';
import { type FrameHead, headOf, withChannel } from './frame.ts';
import { closedCode, lostCode, type VirtualConnection } from './virtual-connection.ts';

export interface SharedSocketOwner {
  /** Whoever says this hello cannot share the socket. */
  elsewhere(connection: VirtualConnection, hello: Uint8Array): void;
  ended(): void;
}

/** A server that has not opened the socket, or answered the hello, within this is not one to wait for. */
const greetWithinMs = 10_000;
/** A tab that has said nothing for so long is frozen: its timers run once a minute at least. */
const maxTabSilenceMs = 150_000;
/** Servers allow 4,096 channels a connection: further tabs share another one, so that each has as many as it would alone. */
const maxChannelsToShare = 1_024;

const pong = downCodec.encode({ say: 'pong' });
const ping = upCodec.encode({ say: 'ping' });

export class SharedSocket {
  readonly url: string;
  readonly #platform: Platform;
  readonly #owner: SharedSocketOwner;
  readonly #socket: Socket;
  readonly #connections = new Set<VirtualConnection>();
  readonly #channels = new ChannelNumbers();
  readonly #admission = new Admission();
  #phase: 'opening' | 'open' | 'greeting' | 'welcomed' | 'closing' | 'ended' = 'opening';
  #heardMs: number;
  #saidMs: number;
  #cancelTimer: () => void;

  constructor(url: string, platform: Platform, owner: SharedSocketOwner) {
    this.url = url;
    this.#platform = platform;
    this.#owner = owner;
    this.#heardMs = this.#saidMs = platform.now();
    this.#socket = platform.connect(url, {
      opened: () => this.#opened(),
      received: (frame) => this.#received(frame),
      closed: (code, reason) => this.#closed(code, reason),
    });
    this.#cancelTimer = platform.after(greetWithinMs, () => this.end());
  }

  /** Whether one more tab may share it. */
  get hasRoom(): boolean {
    return this.#phase !== 'closing' && this.#phase !== 'ended' && this.#channels.size < maxChannelsToShare;
  }

  isFor(hello: Uint8Array): boolean {
    return this.hasRoom && this.#admission.isFor(helloIn(hello));
  }

  add(connection: VirtualConnection): void {
    connection.carrier = this;
    this.#connections.add(connection);
    if (this.#phase === 'opening') return;
    // As a socket would, after `connect` has returned.
    void Promise.resolve().then(() => this.#begin(connection));
  }

  said(connection: VirtualConnection, frame: Uint8Array): void {
    const nowMs = this.#platform.now();
    connection.heardMs = nowMs;
    try {
      this.#take(connection, frame, headOf(frame, 'up'));
    } catch (error) {
      const detail = error instanceof SyncError ? error.detail : 'it cannot be read';
      this.#refuse(connection, new SyncError('bad_frame', detail));
    }
    // Whoever only speaks must hear something, too, or it takes the connection for dead.
    if (nowMs - connection.toldMs >= signOfLifeMs / 2) connection.tell(pong, nowMs);
  }

  left(connection: VirtualConnection): void {
    if (this.#connections.size > 1) {
      this.#remove(connection);
      void Promise.resolve().then(() => connection.ended(closedCode));
      return;
    }
    // It is told that it is closed when the socket is.
    this.#phase = 'closing';
    this.#socket.close();
  }

  /** Gives the socket up: everybody may try again. */
  end(): void {
    if (this.#phase === 'ended') return;
    this.#socket.close();
    this.#over(() => ({ code: lostCode, reason: '' }));
  }

  #opened(): void {
    if (this.#phase !== 'opening') return;
    this.#phase = 'open';
    this.#timer(greetWithinMs, () => this.end());
    for (const connection of this.#connections) this.#begin(connection);
  }

  #begin(connection: VirtualConnection): void {
    if (!this.#connections.has(connection)) return;
    const { waitingHello } = connection;
    connection.waitingHello = undefined;
    if (waitingHello) this.said(connection, waitingHello);
    else connection.opened();
  }

  #take(connection: VirtualConnection, frame: Uint8Array, head: FrameHead): void {
    if (head.type === up.hello.type) return this.#greet(connection, frame);
    if (connection.phase !== 'welcomed')
      throw new SyncError('bad_frame', 'nothing is said before the welcome');
    switch (head.type) {
      case up.ping.type:
        return this.#pinged(connection);
      case up.renew.type:
        return this.#renew(connection, frame);
      case up.open.type:
        return this.#openChannel(connection, frame, head);
      default:
        return this.#pass(connection, frame, head);
    }
  }

  #greet(connection: VirtualConnection, frame: Uint8Array): void {
    if (connection.phase !== 'open') throw new SyncError('bad_frame', 'a second hello');
    const hello = helloIn(frame);
    if (this.#admission.hasBegun && !this.#admission.isFor(hello)) {
      this.#remove(connection);
      return this.#owner.elsewhere(connection, frame);
    }
    connection.phase = 'greeting';
    connection.token = hello.token;
    this.#welcomeIfKnown(connection);
    if (this.#admission.hasBegun) return;
    this.#admission.begin(hello);
    this.#phase = 'greeting';
    this.#timer(greetWithinMs, () => this.end());
    this.#send(frame);
  }

  #welcomeIfKnown(connection: VirtualConnection): void {
    const nowMs = this.#platform.now();
    const welcome = this.#admission.welcomeAt(nowMs);
    if (!welcome || connection.phase !== 'greeting') return;
    connection.phase = 'welcomed';
    connection.tell(welcome, nowMs);
  }

  /** Answered here: the server has signs of life of the socket's own. */
  #pinged(connection: VirtualConnection): void {
    const nowMs = this.#platform.now();
    connection.tell(pong, nowMs);
    // The timers of a tab that nobody looks at are late, and those of one that somebody looks at are not.
    if (nowMs - this.#saidMs >= signOfLifeMs / 2) this.#send(ping);
    this.#watch();
  }

  #renew(connection: VirtualConnection, frame: Uint8Array): void {
    const message = upCodec.decode(frame);
    if (message.say !== 'renew') return;
    if (this.#connections.size > 1 && !this.#admission.isOf(message.token)) {
      // The server would end everybody's connection. It comes back as who it is now.
      this.#remove(connection);
      return connection.ended(lostCode);
    }
    connection.token = message.token;
    const nowMs = this.#platform.now();
    const known = this.#admission.isOf(message.token) ? this.#admission.renewalAt(nowMs) : undefined;
    if (known) connection.tell(known, nowMs);
    else if (this.#admission.renew(message.token, nowMs)) this.#send(frame);
  }

  #openChannel(connection: VirtualConnection, frame: Uint8Array, head: FrameHead): void {
    if (connection.channels.has(head.channel)) throw new SyncError('bad_frame', 'the channel is open');
    this.#send(withChannel(frame, head, this.#channels.add(connection, head.channel)));
  }

  /** What is about a channel that is not open was said before its refusal was heard. */
  #pass(connection: VirtualConnection, frame: Uint8Array, head: FrameHead): void {
    const number = connection.channels.get(head.channel);
    if (number === undefined) return;
    if (head.type === up.close.type) this.#channels.delete(number);
    this.#send(withChannel(frame, head, number));
  }

  #received(frame: Uint8Array): void {
    if (this.#phase === 'closing' || this.#phase === 'ended') return;
    this.#heardMs = this.#platform.now();
    try {
      this.#hear(frame, headOf(frame, 'down'));
    } catch (error) {
      this.#platform.report(error);
      this.end();
    }
  }

  #hear(frame: Uint8Array, head: FrameHead): void {
    switch (head.type) {
      case down.welcome.type:
        return this.#welcomed(frame);
      case down.renewed.type:
        return this.#renewed(frame);
      case down.pong.type:
        return;
      case down.refused.type:
        if (head.channel === 0) return this.#refused(frame);
    }
    const channel = this.#channels.ownerOf(head.channel);
    if (!channel) return;
    // Its tab may open it again as soon as it hears that.
    if (head.type === down.refused.type) this.#channels.delete(head.channel);
    channel.connection.tell(withChannel(frame, head, channel.own), this.#heardMs);
  }

  #welcomed(frame: Uint8Array): void {
    const message = downCodec.decode(frame);
    if (message.say !== 'welcome' || this.#phase !== 'greeting') return;
    this.#phase = 'welcomed';
    this.#admission.welcomed(message, this.#heardMs);
    this.#watch();
    for (const connection of this.#connections) this.#welcomeIfKnown(connection);
  }

  #renewed(frame: Uint8Array): void {
    const message = downCodec.decode(frame);
    if (message.say !== 'renewed') return;
    this.#admission.renewed(message.expiresInMs, this.#heardMs);
    for (const connection of this.#connections)
      if (connection.phase === 'welcomed') connection.tell(frame, this.#heardMs);
  }

  /** The server will not have whoever has this token. All others come back with their own, and hear of it if it is so for them. */
  #refused(frame: Uint8Array): void {
    for (const connection of this.#connections) {
      if (connection.token === this.#admission.judged) connection.tell(frame, this.#heardMs);
      else {
        this.#remove(connection);
        connection.ended(lostCode);
      }
    }
  }

  #closed(code: number, reason: string): void {
    this.#over((connection) =>
      connection.phase === 'closing' || connection.token === this.#admission.judged
        ? { code, reason }
        : { code: lostCode, reason: '' },
    );
  }

  #over(why: (connection: VirtualConnection) => { readonly code: number; readonly reason: string }): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#cancelTimer();
    this.#owner.ended();
    const connections = new Set(this.#connections);
    this.#connections.clear();
    for (const connection of connections) {
      const { code, reason } = why(connection);
      connection.ended(code, reason);
    }
  }

  /** As the server would refuse it, if it were alone. */
  #refuse(connection: VirtualConnection, { code, detail, close }: SyncError): void {
    connection.tell(downCodec.encode({ say: 'refused', channel: 0, code, detail }), this.#platform.now());
    if (connection.isOver) return;
    this.#remove(connection);
    connection.ended(close);
  }

  /** Says that its channels are of no more interest. */
  #remove(connection: VirtualConnection): void {
    this.#connections.delete(connection);
    for (const number of connection.channels.values()) {
      this.#channels.delete(number);
      this.#send(upCodec.encode({ say: 'close', channel: number }));
    }
    if (this.#connections.size === 0) this.end();
  }

  /** Signs of life, both ways; tabs that give none any more are let go. */
  #watch(): void {
    if (this.#phase !== 'welcomed') return;
    const nowMs = this.#platform.now();
    if (nowMs - this.#heardMs >= maxSilenceMs) return this.end();
    if (nowMs - this.#saidMs >= signOfLifeMs) this.#send(ping);
    for (const connection of this.#connections) {
      if (nowMs - connection.heardMs < maxTabSilenceMs) continue;
      this.#remove(connection);
      connection.ended(lostCode);
    }
    if (this.#phase !== 'welcomed') return;
    const dueMs = Math.min(this.#heardMs + maxSilenceMs, this.#saidMs + signOfLifeMs);
    this.#timer(dueMs - nowMs, () => this.#watch());
  }

  #send(frame: Uint8Array): void {
    this.#saidMs = this.#platform.now();
    this.#socket.send(frame);
  }

  #timer(delayMs: number, action: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#platform.after(Math.max(0, delayMs), action);
  }
}
