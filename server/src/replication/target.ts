// One address at which another replica is expected: dialed again and again, after pauses that grow, with full jitter.
import type { SyncError } from '@syncline/shared';
import type { Clock, Random, Timer } from '../port/clock.ts';
import type { Dial, Dialer } from '../port/dialer.ts';
import type { Outbox } from '../port/outbox.ts';
import type { LinkState } from './contract.ts';
import { maxRedialMs, minRedialMs, refusedRedialMs } from './limits.ts';
import type { PeerSession } from './peer-session.ts';

export interface TargetSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly dialer: Dialer;
  /** Begins the greeting over a connection. */
  open(outbox: Outbox, isKnown: () => void): PeerSession;
  onChange(target: Target): void;
}

export class Target {
  readonly url: string;
  readonly #settings: TargetSettings;
  #state: LinkState = 'connecting';
  #reason = '';
  #failures = 0;
  /** When it was linked that has not ended since. */
  #linkedMs = Infinity;
  #dial: Dial | undefined;
  #timer: Timer | undefined;
  #session: PeerSession | undefined;
  #isStopped = false;
  /** The replica that was last met here, 32 hexadecimal digits. */
  replica: string | undefined;

  constructor(url: string, settings: TargetSettings) {
    this.url = url;
    this.#settings = settings;
  }

  /** While there is a link its own state counts. */
  get state(): LinkState {
    return this.#state;
  }

  get reason(): string {
    return this.#reason;
  }

  get session(): PeerSession | undefined {
    return this.#session;
  }

  dial(): void {
    if (this.#isStopped) return;
    this.#timer = undefined;
    this.#is('connecting', this.#reason);
    this.#dial = this.#settings.dialer.dial(this.url, {
      open: (outbox, isKnown) => {
        this.#dial = undefined;
        this.#is('greeting', '');
        this.#session = this.#settings.open(outbox, isKnown);
        return this.#session;
      },
      failed: (reason) => {
        this.#dial = undefined;
        this.#later('backoff', reason);
      },
    });
  }

  /** The replica has been met, and there is a link. */
  linked(): void {
    this.#linkedMs = this.#settings.clock.now();
    this.#reason = '';
  }

  /** The session has ended, with or without a link. `isLinked`: there is another link with the same replica. */
  ended(error: SyncError, isLinked: boolean): void {
    this.#session = undefined;
    if (this.#isStopped) return;
    // A link that ends at once ends for a reason that lasts.
    if (this.#settings.clock.now() - this.#linkedMs > maxRedialMs) this.#failures = 0;
    this.#linkedMs = Infinity;
    if (isLinked) this.#is('linked', '');
    else this.#later(error.retry === 'never' || this.#isSelf(error) ? 'refused' : 'backoff', error.message);
  }

  /** There is another link with the replica: it need not be dialed. */
  linkedOtherwise(): void {
    if (this.#isStopped || this.#dial || this.#session) return;
    this.#timer?.cancel();
    this.#failures = 0;
    this.#is('linked', '');
  }

  /** The other link with the replica has ended. */
  unlinked(): void {
    if (this.#state === 'linked') this.#later('backoff', '');
  }

  stop(): void {
    this.#isStopped = true;
    this.#dial?.cancel();
    this.#timer?.cancel();
  }

  /** The address is our own: no other replica was ever met here. One that was takes a link for alive that has just ended here. */
  #isSelf({ code }: SyncError): boolean {
    return code === 'duplicate_link' && this.replica === undefined;
  }

  #later(state: 'backoff' | 'refused', reason: string): void {
    const { clock, random } = this.#settings;
    if (this.#isStopped) return;
    const longest =
      state === 'refused' ? refusedRedialMs : Math.min(minRedialMs * 2 ** this.#failures++, maxRedialMs);
    this.#is(state, reason);
    this.#timer = clock.after(random.fraction() * longest, () => this.dial());
  }

  #is(state: LinkState, reason: string): void {
    const isNews = state !== this.#state || reason !== this.#reason;
    this.#state = state;
    this.#reason = reason;
    if (isNews) this.#settings.onChange(this);
  }
}
