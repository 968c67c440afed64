// The part of the tab that leads: the sockets to the servers, and for each tab that follows a wire on which it has connections
// through them.
import type { Platform, Socket } from '../sync/platform.ts';
import { sendable, type WireMessage } from './message.ts';
import { Multiplexer } from './multiplexer.ts';
import { lostCode } from './virtual-connection.ts';

export interface WireChannel {
  post(message: WireMessage): void;
  close(): void;
}

export interface LeadingContext {
  readonly name: string;
  readonly platform: Platform;
  /** A channel on which a follower and this tab hear each other. */
  openWire(follower: string, heard: (message: WireMessage) => void): WireChannel;
}

interface Follower {
  readonly wire: WireChannel;
  /** By the follower's numbers. */
  readonly sockets: Map<number, Socket>;
}

export class Leading {
  /** For connections of this tab's own. */
  readonly connect: Platform['connect'];
  readonly #context: LeadingContext;
  readonly #multiplexer: Multiplexer;
  readonly #followers = new Map<string, Follower>();

  constructor(context: LeadingContext) {
    this.#context = context;
    this.#multiplexer = new Multiplexer(context.platform);
    this.connect = (url, listener) => this.#multiplexer.connect(url, listener);
  }

  /** Answered where it is heard, and not by a timer: those of a tab that nobody looks at are held back. */
  asked(follower: string): void {
    this.#followerOf(follower).wire.post({ say: 'here', from: this.#context.name, to: follower });
  }

  gone(follower: string): void {
    const known = this.#followers.get(follower);
    this.#followers.delete(follower);
    known?.wire.close();
    for (const socket of known?.sockets.values() ?? []) socket.close();
  }

  /** Closes everything; all may try again with whoever leads then. */
  end(): void {
    this.#multiplexer.end();
    for (const { wire } of this.#followers.values()) wire.close();
    this.#followers.clear();
  }

  #followerOf(name: string): Follower {
    const known = this.#followers.get(name);
    if (known) return known;
    const wire = this.#context.openWire(name, (message) => this.#heard(message, follower));
    const follower: Follower = { wire, sockets: new Map() };
    this.#followers.set(name, follower);
    return follower;
  }

  #heard(message: WireMessage, { wire, sockets }: Follower): void {
    if (message.say === 'here') return;
    const { from, socket: id } = message;
    const about = { from: this.#context.name, to: from, socket: id };
    const socket = sockets.get(id);
    switch (message.say) {
      case 'open':
        if (!socket) this.#open(message, sockets, wire);
        return;
      case 'frame':
      case 'close':
        // It was opened before this tab led, or ended meanwhile.
        if (!socket) return wire.post({ ...about, say: 'closed', code: lostCode, reason: '' });
        return message.say === 'frame' ? socket.send(message.frame) : socket.close();
      case 'opened':
      case 'closed':
    }
  }

  #open(
    { from, socket: id, url }: Extract<WireMessage, { say: 'open' }>,
    sockets: Map<number, Socket>,
    wire: WireChannel,
  ): void {
    const about = { from: this.#context.name, to: from, socket: id };
    const closed = (code: number, reason: string): void => {
      sockets.delete(id);
      wire.post({ ...about, say: 'closed', code, reason });
    };
    try {
      const socket = this.#multiplexer.connect(url, {
        opened: () => wire.post({ ...about, say: 'opened' }),
        received: (frame) => wire.post({ ...about, say: 'frame', frame: sendable(frame) }),
        closed,
      });
      sockets.set(id, socket);
    } catch (error) {
      this.#context.platform.report(error);
      closed(lostCode, '');
    }
  }
}
