// How a shared socket was let in: for which user, what the server said to that, and until when it holds. So the server is asked once for
// all tabs, and all are told what it has said.
import { type Down, downCodec, SyncError, type Up, upCodec } from '@syncline/shared';
import { isSameUser } from './same-user.ts';

type Hello = Extract<Up, { say: 'hello' }>;
type Welcome = Extract<Down, { say: 'welcome' }>;

/** Tabs renew at about the same time: what one of them was told is good for all within this. */
const renewalHoldsMs = 10_000;

export class Admission {
  #hello: Hello | undefined;
  #judged: string | undefined;
  #welcome: Welcome | undefined;
  #expiry = { expiresInMs: 0, atMs: 0 };
  #isRenewing = false;
  #renewedMs = -Infinity;

  /** The token that the server was shown last: a refusal is about that. */
  get judged(): string | undefined {
    return this.#judged;
  }

  get hasBegun(): boolean {
    return this.#hello !== undefined;
  }

  /** Whether who says this would be let in as the same, and speaks the same versions. */
  isFor(hello: Hello): boolean {
    return (
      this.#hello !== undefined &&
      this.#hello.lowestVersion === hello.lowestVersion &&
      this.#hello.highestVersion === hello.highestVersion &&
      this.isOf(hello.token)
    );
  }

  isOf(token: string): boolean {
    return this.#hello !== undefined && isSameUser(this.#hello.token, token);
  }

  begin(hello: Hello): void {
    this.#hello = hello;
    this.#judged = hello.token;
  }

  welcomed(message: Welcome, nowMs: number): void {
    this.#welcome = message;
    this.#expiry = { expiresInMs: message.expiresInMs, atMs: nowMs };
  }

  /** The welcome as it would be now; undefined before it was said. */
  welcomeAt(nowMs: number): Uint8Array | undefined {
    return this.#welcome && downCodec.encode({ ...this.#welcome, expiresInMs: this.#leftMs(nowMs) });
  }

  /** Whether the server is to be asked: not while it is, and not when it has just answered. */
  renew(token: string, nowMs: number): boolean {
    // Another token grants something else, which the server has to hear of.
    if (this.isOf(token) && (this.#isRenewing || this.renewalAt(nowMs))) return false;
    this.#isRenewing = true;
    this.#judged = token;
    return true;
  }

  renewed(expiresInMs: number, nowMs: number): void {
    this.#isRenewing = false;
    this.#renewedMs = nowMs;
    this.#expiry = { expiresInMs, atMs: nowMs };
    if (this.#hello && this.#judged !== undefined) this.#hello = { ...this.#hello, token: this.#judged };
  }

  /** The answer to a renewal as it would be now, if it is not long ago. */
  renewalAt(nowMs: number): Uint8Array | undefined {
    if (nowMs - this.#renewedMs >= renewalHoldsMs) return undefined;
    return downCodec.encode({ say: 'renewed', expiresInMs: this.#leftMs(nowMs) });
  }

  /** 0 for never, as on the wire. */
  #leftMs(nowMs: number): number {
    const { expiresInMs, atMs } = this.#expiry;
    return expiresInMs === 0 ? 0 : Math.max(1, Math.ceil(expiresInMs - (nowMs - atMs)));
  }
}

export function helloIn(frame: Uint8Array): Hello {
  const message = upCodec.decode(frame);
  if (message.say !== 'hello') throw new SyncError('bad_frame', 'it is no hello');
  return message;
}
