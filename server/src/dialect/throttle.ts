// Whether a session that carries many documents is read: not while one of them has too much waiting, all of them together have, or the
// client does not read what it is answered.
import { maxQueuedBytesOfChannel } from '../core/limits.ts';
import type { Outbox } from '../port/outbox.ts';

/** Replies that may wait for a client which does not read, behind more than a socket buffers anyway: it is then not read either. */
export const maxUnreadReplies = 1_000;
/** Twice what a stream buffers before it tells that it has drained. */
const minUnreadBytes = 128 * 1024;

/** Reasons of the session itself, beside those of its channels. */
const allChannels = Symbol('what all of its channels have waiting');
const unreadReplies = Symbol('replies that are not read');

export class Throttle {
  readonly #outbox: Outbox;
  readonly #heldBack = new Set<unknown>();
  #unreadReplies = 0;
  #keptBytes = 0;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** Whether the session is to be read on behalf of `who`. */
  holdBack(who: unknown, isHeldBack: boolean): void {
    const before = this.#heldBack.size;
    if (isHeldBack) this.#heldBack.add(who);
    else this.#heldBack.delete(who);
    if (before === 0 && this.#heldBack.size > 0) this.#outbox.pause();
    if (before > 0 && this.#heldBack.size === 0) this.#outbox.resume();
  }

  isHeldBack(who: unknown): boolean {
    return this.#heldBack.has(who);
  }

  /** What one session may have waiting is one bound, however many channels it has, those that it has closed included. */
  keeps(bytes: number): void {
    this.#keptBytes += bytes;
    if (this.#keptBytes > maxQueuedBytesOfChannel) this.holdBack(allChannels, true);
    else if (this.#keptBytes * 2 <= maxQueuedBytesOfChannel) this.holdBack(allChannels, false);
  }

  /** Something was said that waits for no room. */
  replied(): void {
    if (this.#outbox.bufferedBytes < minUnreadBytes) this.#unreadReplies = 0;
    else if (++this.#unreadReplies > maxUnreadReplies) this.holdBack(unreadReplies, true);
  }

  drained(): void {
    this.#unreadReplies = 0;
    this.holdBack(unreadReplies, false);
  }
}
