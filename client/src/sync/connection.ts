// The one connection of an app to its server, and the documents open over it: runs what the state machines decide on a
// platform.
import {
  type Down,
  downCodec,
  errorTable,
  isErrorCode,
  maxSilenceMs,
  protocolVersion,
  signOfLifeMs,
  SyncError,
  type Up,
  upCodec,
} from '@syncline/shared';
import { Addresses } from './addresses.ts';
import {
  type ConnectionEvent,
  type ConnectionState,
  isRefused,
  type LossReason,
  nextConnection,
  type ServerFacts,
} from './connection-state.ts';
import { Credentials, type Token } from './credentials.ts';
import { type DocumentMessage, refusalOf } from './link.ts';
import type { Platform, Socket } from './platform.ts';
import type { SyncedContent } from './synced-content.ts';

export interface ConnectionOptions {
  /** `ws://HOST:PORT/sync`, or `wss:`. Several are replicas of one cluster: where one does not answer, or refuses, the next one is tried. */
  readonly url: string | readonly string[];
  /** Says who this is. A function is called at every connect, so that it can give a fresh one. */
  readonly token?: Token | undefined;
}

/** A server that has not let us in within this is not one to wait for. */
const greetWithinMs = 10_000;
/** A token is renewed when this part of its time has passed. */
const renewAfter = 0.8;
/** However short its time, it is not asked for more often. */
const minRenewalMs = 1_000;
/** What a timer can be set for in browsers and Node. */
const maxTimerMs = 2 ** 31 - 1;
/** A socket that does not say that it is closed is not waited for. */
const closeWithinMs = 2_000;

export class Connection {
  readonly platform: Platform;
  readonly #addresses: Addresses;
  readonly #credentials: Credentials;
  readonly #changed: () => void;
  readonly #contents = new Map<number, SyncedContent>();
  readonly #endOnline: () => void;
  #state: ConnectionState = { state: 'initial' };
  #socket: Socket | undefined;
  /** Tells the sockets apart: what an earlier one still reports is of no interest. */
  #generation = 0;
  #cancelTimer: (() => void) | undefined;
  #cancelRenewal: (() => void) | undefined;
  /** Whether the server has been told another token on this connection, and has not said what it makes of that. */
  #isJudging = false;
  /** The last of the renewals that have been begun: an earlier one for which a token is still fetched is of no interest. */
  #renewal = 0;
  #heardMs = 0;
  #saidMs = 0;
  #onClosed: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /** `changed` is called after every change of `state`. */
  constructor(options: ConnectionOptions, platform: Platform, changed: () => void) {
    this.#addresses = new Addresses([options.url].flat());
    this.#credentials = new Credentials(options.token ?? '', (error) => platform.report(error));
    this.platform = platform;
    this.#changed = changed;
    this.#endOnline = platform.onOnline(() => this.#step({ event: 'retry' }));
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get rejection(): SyncError | undefined {
    return isRefused(this.#state) ? this.#state.error : undefined;
  }

  /** Connects, if nothing has yet. */
  start(): void {
    if (this.#state.state === 'initial') this.#step({ event: 'start' });
  }

  /** Takes a document on; the first one connects. */
  add(content: SyncedContent): void {
    this.#contents.set(content.channel, content);
    if (this.#state.state === 'connected') content.attached(this.#state.server);
    else this.start();
  }

  remove(content: SyncedContent): void {
    content.close();
    this.#contents.delete(content.channel);
  }

  /** A document goes on without a server, until it is added again. */
  leave(content: SyncedContent): void {
    this.#contents.delete(content.channel);
    content.leave();
  }

  say(message: Up): void {
    if (this.#state.state !== 'connected') return;
    this.#saidMs = this.platform.now();
    this.#socket?.send(upCodec.encode(message));
  }

  /** Tries again: at once where it waits, and after a rejection when the application has mended its cause. */
  retry(): void {
    this.#step({ event: isRefused(this.#state) ? 'start' : 'retry' });
  }

  /**
   * Says who this is from now on, by another token or by asking the function for one again; a connection that there is stays where
   * the token is one of the same principal.
   */
  login(token?: Token): void {
    this.#credentials.renew(token);
    if (this.#state.state !== 'connected') return this.retry();
    void this.#renew(0);
  }

  /** Closes everything. Resolves when the socket is closed; what was not acknowledged may not have arrived. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    for (const content of this.#contents.values()) this.remove(content);
    this.#endOnline();
    const socket = this.#socket;
    const closed = new Promise<void>((resolve) => (this.#onClosed = resolve));
    this.#step({ event: 'stop' });
    if (!socket) return;
    const cancel = this.platform.after(closeWithinMs, () => this.#onClosed?.());
    await closed;
    cancel();
  }

  #step(event: ConnectionEvent): void {
    const before = this.#state;
    const after = nextConnection(before, event);
    if (after === before) return;
    this.#state = after;
    if (before.state === 'connected') for (const content of this.#contents.values()) content.detached();
    // A listener that was told of it may have tried again, or closed everything.
    if (this.#state !== after) return;
    this.#enter(after);
    for (const content of this.#contents.values()) content.connectionChanged();
    this.#changed();
  }

  #enter(state: ConnectionState): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    switch (state.state) {
      case 'initial':
        break;
      case 'connecting':
        this.#connect();
        break;
      case 'greeting':
        this.#timer(greetWithinMs, () => this.#lost('silent'));
        break;
      case 'connected':
        this.#heardMs = this.#saidMs = this.platform.now();
        this.#watch();
        for (const content of this.#contents.values()) content.attached(state.server);
        break;
      case 'waiting':
        this.#drop();
        this.#timer(state.retryAtMs - this.platform.now(), () => this.#step({ event: 'retry' }));
        break;
      case 'needs-token':
      case 'rejected':
      case 'closed':
        this.#drop();
    }
  }

  #connect(): void {
    this.#drop();
    const generation = this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    this.#timer(greetWithinMs, () => this.#lost('unreachable'));
    try {
      this.#socket = this.#open(isCurrent);
    } catch (error) {
      // A page that was loaded by https: may not open ws:, for instance.
      this.platform.report(error);
      this.#lost('unreachable');
    }
  }

  #open(isCurrent: () => boolean): Socket {
    return this.platform.connect(this.#addresses.current, {
      opened: () => {
        if (!isCurrent()) return;
        this.#step({ event: 'opened' });
        void this.#greet(isCurrent);
      },
      received: (frame) => {
        if (isCurrent()) this.#received(frame);
      },
      closed: (code, reason) => {
        if (isCurrent()) this.#closed(code, reason);
        else this.#onClosed?.();
      },
    });
  }

  async #greet(isCurrent: () => boolean): Promise<void> {
    const token = await this.#credentials.token();
    if (!isCurrent()) return;
    if (token === undefined) return this.#lost('token-failed');
    this.#credentials.said(token);
    const range = { lowestVersion: protocolVersion, highestVersion: protocolVersion };
    this.#socket?.send(upCodec.encode({ say: 'hello', ...range, token }));
  }

  #received(frame: Uint8Array): void {
    this.#heardMs = this.platform.now();
    let message: Down;
    try {
      message = downCodec.decode(frame);
    } catch (error) {
      this.platform.report(error);
      return this.#lost('closed');
    }
    if (message.say === 'pong') return;
    if (message.say === 'welcome') {
      this.#credentials.accepted();
      this.#addresses.letIn();
      this.#step({ event: 'welcomed', server: factsOf(message) });
      this.#letIn(message.expiresInMs);
    } else if (message.say === 'renewed') {
      this.#isJudging = false;
      this.#credentials.accepted();
      this.#letIn(message.expiresInMs);
    } else if (message.say === 'refused' && message.channel === 0) this.#refused(refusalOf(message));
    else this.#heard(message);
  }

  #heard(message: DocumentMessage): void {
    try {
      this.#contents.get(message.channel)?.heard(message);
    } catch (error) {
      // What cannot be read by then was not said by a server that can be talked with.
      this.platform.report(error);
      this.#lost('closed');
    }
  }

  /** The application may have logged in otherwise while the server looked at the token. */
  #letIn(expiresInMs: number): void {
    if (this.#credentials.isOutdated) this.login();
    else this.#renewBefore(expiresInMs);
  }

  /** A token from a function is renewed in good time, and the connection stays. */
  #renewBefore(expiresInMs: number): void {
    this.#cancelRenewal?.();
    this.#cancelRenewal = undefined;
    if (expiresInMs === 0 || !this.#credentials.canRenew) return;
    const untilMs = this.platform.now() + expiresInMs;
    this.#cancelRenewal = this.platform.after(
      Math.min(Math.max(expiresInMs * renewAfter, minRenewalMs), maxTimerMs),
      () => void this.#renew(untilMs),
    );
  }

  async #renew(untilMs: number): Promise<void> {
    // One at a time, so that it is known which token is meant; what the application has given meanwhile follows.
    if (this.#isJudging) return;
    const [generation, renewal] = [this.#generation, ++this.#renewal];
    const token = await this.#credentials.token();
    // Whoever has logged in since has asked for another one.
    if (generation !== this.#generation || renewal !== this.#renewal || this.#credentials.isOutdated) return;
    if (token !== undefined) {
      this.#isJudging = true;
      this.#credentials.said(token);
      return this.say({ say: 'renew', token });
    }
    // The application may have better luck while there is time left; after that, on the next connection.
    const leftMs = untilMs - this.platform.now();
    if (leftMs > 0) this.#renewBefore(leftMs);
  }

  /** A close that says why stands for the message that could not be sent before it. */
  #closed(code: number, reason: string): void {
    const known = Object.entries(errorTable).find(
      ([, facts]) => facts.close === code && facts.retry === 'never',
    );
    if (known && isErrorCode(known[0]))
      this.#refused(new SyncError(known[0], detailIn(reason, known[1].means)));
    else {
      const isGoing = code === errorTable.going_away.close;
      this.#lost(this.#state.state === 'connecting' ? 'unreachable' : 'closed', isGoing);
    }
  }

  /** Says something when it has said nothing for a while, and gives a server up that does not do the same. */
  #watch(): void {
    const now = this.platform.now();
    if (now - this.#heardMs >= maxSilenceMs) return this.#lost('silent');
    if (now - this.#saidMs >= signOfLifeMs) this.say({ say: 'ping' });
    const dueMs = Math.min(this.#heardMs + maxSilenceMs, this.#saidMs + signOfLifeMs);
    this.#timer(dueMs - now, () => this.#watch());
  }

  /** Where a server has not let us in, or is going, the next one is tried: one that did may have been away for a moment only. */
  #lost(reason: LossReason, isGoing = false): void {
    const { state } = this.#state;
    if (isGoing || state === 'connecting' || state === 'greeting') this.#addresses.next();
    this.#step({ event: 'lost', reason, ...this.#moment() });
  }

  /** A token that ended in mid-session is replaced by reconnecting, where there is a function that gives another. */
  #refused(error: SyncError): void {
    const isReplaced = error.code === 'token_expired' && this.#state.state === 'connected';
    if (isReplaced && this.#credentials.canRenew) return this.#lost('token-expired');
    const { isOutdated, wasAccepted } = this.#credentials;
    // The application has given another one meanwhile, which is judged alone on the next connection.
    if (isOfToken(error) && (isOutdated || this.#mayBeOfEarlier(error)))
      return this.#step({ event: 'lost', reason: 'refused', ...this.#moment() });
    const isLast = this.#isLastToRefuse(error);
    this.#step({ event: 'refused', error, wasAccepted, isLast, ...this.#moment() });
  }

  /** Whether a refusal may be meant for the token before the last: that may end while the last is looked at. */
  #mayBeOfEarlier({ code }: SyncError): boolean {
    return this.#isJudging && code === 'token_expired';
  }

  /** All replicas judge a token alike; otherwise the next one may do what this one does not, as of another version. */
  #isLastToRefuse(error: SyncError): boolean {
    if (isOfToken(error)) return true;
    if (error.retry === 'never') return this.#addresses.refused();
    this.#addresses.next();
    return false;
  }

  #moment(): { nowMs: number; fraction: number } {
    return { nowMs: this.platform.now(), fraction: this.platform.fraction() };
  }

  #drop(): void {
    this.#cancelRenewal?.();
    this.#isJudging = false;
    this.#generation++;
    this.#socket?.close();
    this.#socket = undefined;
  }

  #timer(delayMs: number, action: () => void): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.platform.after(Math.max(0, delayMs), action);
  }
}

function factsOf({
  replica,
  epoch,
  durability,
  maxFrameBytes,
}: Extract<Down, { say: 'welcome' }>): ServerFacts {
  return { replica, epoch, durability: durability === 'full' ? 'full' : 'normal', maxFrameBytes };
}

function isOfToken({ code }: SyncError): boolean {
  return code === 'unauthenticated' || code === 'token_expired';
}

/** A close reason is the whole message of an error, which says what the code means already. */
function detailIn(reason: string, means: string): string {
  return reason.startsWith(means) ? reason.slice(means.length).replace(/^ \((.*)\)$/, '$1') : reason;
}
