// The part of a tab that does not lead: knows who does, asks it for signs of life while it has connections through it, and gives it
// up when it answers nothing.
import type { Platform, Socket, SocketListener } from '../sync/platform.ts';
import { FollowedSocket, type Wire } from './followed-socket.ts';
import type { WireMessage } from './message.ts';

export interface FollowingContext {
  readonly platform: Platform;
  /** Asks all who leads. */
  ask(): void;
  /** How to talk with the tab of this name. */
  wireTo(leader: string): Wire;
  /** The tab that leads answers nothing. */
  suspected(): void;
  /** There is one that does. */
  found(): void;
}

/** How often a leader is asked for a sign of life. */
export const askEveryMs = 2_000;
/** So many questions without an answer, and it is frozen: 6 s. */
const maxUnanswered = 3;

export class Following {
  readonly #context: FollowingContext;
  readonly #sockets = new Set<FollowedSocket>();
  #nextSocket = 1;
  #leader: string | undefined;
  /** Whether the leader has answered, and so listens on the wire. */
  #hasAnswered = false;
  #unanswered = 0;
  /** Whether it was asked once more although it had its time, since this tab did not run in the meantime. */
  #isLastQuestion = false;
  #cancelTick: (() => void) | undefined;
  #isPaused = true;

  constructor(context: FollowingContext) {
    this.#context = context;
  }

  connect(url: string, listener: SocketListener): Socket {
    const socket: FollowedSocket = new FollowedSocket({ url, ended: () => this.#ended(socket) }, listener);
    this.#sockets.add(socket);
    if (this.#leader !== undefined && this.#hasAnswered) this.#open(socket, this.#leader);
    this.#begin();
    return socket;
  }

  /** From now on it can be asked who leads. */
  resume(): void {
    this.#isPaused = false;
    this.#begin();
  }

  /** What goes through another tab is over; what has not opened yet waits. */
  pause(): void {
    this.#isPaused = true;
    this.#follow(undefined);
    this.#stop();
  }

  /** This tab has connections of its own now. */
  handOver(to: Pick<Platform, 'connect'>): void {
    this.pause();
    for (const socket of this.#sockets) socket.handOver(to);
  }

  /** A tab leads from now on: whatever went through another one, or through it before, is over. */
  announced(leader: string): void {
    this.#follow(leader);
    this.#context.found();
    if (this.#sockets.size > 0 && !this.#isPaused) this.#ask();
  }

  resigned(leader: string): void {
    if (leader !== this.#leader) return;
    this.#follow(undefined);
    if (this.#sockets.size > 0 && !this.#isPaused) this.#ask();
  }

  heard(message: WireMessage): void {
    // An answer to what it asked before it led itself.
    if (this.#isPaused) return;
    if (message.say === 'here') return this.#answered(message.from);
    if (message.from !== this.#leader) return;
    this.#unanswered = 0;
    const socket = [...this.#sockets].find(({ id }) => id === message.socket);
    switch (message.say) {
      case 'opened':
        return socket?.opened();
      case 'frame':
        return socket?.received(message.frame);
      case 'closed':
        return socket?.closed(message.code, message.reason);
      case 'open':
      case 'close':
    }
  }

  #answered(leader: string): void {
    // One that was frozen may still take itself for the leader when it wakes up.
    if (this.#leader !== undefined && leader !== this.#leader && this.#unanswered < 2) return;
    if (leader !== this.#leader) this.#follow(leader);
    this.#unanswered = 0;
    this.#isLastQuestion = false;
    this.#context.found();
    if (this.#hasAnswered) return;
    this.#hasAnswered = true;
    for (const socket of this.#sockets) this.#open(socket, leader);
  }

  #open(socket: FollowedSocket, leader: string): void {
    socket.ask(this.#context.wireTo(leader), this.#nextSocket++);
  }

  #follow(leader: string | undefined): void {
    this.#leader = leader;
    this.#hasAnswered = false;
    this.#unanswered = 0;
    this.#isLastQuestion = false;
    for (const socket of this.#sockets) socket.abandoned();
  }

  #begin(): void {
    if (this.#isPaused || this.#cancelTick || this.#sockets.size === 0) return;
    this.#unanswered = 0;
    this.#ask();
    this.#later();
  }

  #ask(): void {
    this.#unanswered++;
    this.#context.ask();
  }

  #later(): void {
    const dueMs = this.#context.platform.now() + askEveryMs;
    this.#cancelTick = this.#context.platform.after(askEveryMs, () => this.#tick(dueMs));
  }

  #tick(dueMs: number): void {
    this.#later();
    if (this.#unanswered < maxUnanswered) return this.#ask();
    // After a sleep, or in a tab whose timers are held back, an answer may lie there unread.
    const isLate = this.#context.platform.now() - dueMs > askEveryMs / 2;
    if (isLate && !this.#isLastQuestion) {
      this.#isLastQuestion = true;
      return this.#ask();
    }
    this.#follow(undefined);
    this.#context.suspected();
    if (this.#sockets.size > 0) this.#ask();
  }

  #ended(socket: FollowedSocket): void {
    this.#sockets.delete(socket);
    if (this.#sockets.size === 0) this.#stop();
  }

  #stop(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }
}
