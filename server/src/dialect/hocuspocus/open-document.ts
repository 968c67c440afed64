// A document that a provider was let into, from one opening of its channel to the end of that: what the provider says goes to the channel,
// and what that says to the provider. What is owed outlives it, and is the conversation's.
import type { SyncError } from '@syncline/shared';
import type { Channel } from '../../core/channel.ts';
import type { LiveEntry } from '../../core/live-entry.ts';
import type { BatchRange } from '../../core/receipts.ts';
import type { PresenceNews, ReceiptSpeaker, Speaker } from '../../core/speaker.ts';
import type { Timer } from '../../port/clock.ts';
import type { SyncMessage } from '../y-protocols.ts';
import type { Admitted } from './admitted.ts';
import { exchangeWithinMs } from './limits.ts';
import type { Line } from './line.ts';
import type { Provider } from './provider.ts';
import type { StatelessListener } from './stateless.ts';
import type { Statuses } from './statuses.ts';
import type { Kept } from './waiting.ts';

/** The conversation that it is of. */
export interface Host {
  readonly line: Line;
  readonly provider: Provider;
  readonly statuses: Statuses;
  /** Whether the provider is of version 4. */
  readonly isRecent: boolean;
  /** The provider has been sent what it lacked. */
  answered(): void;
  /** The channel has ended. */
  over(error: SyncError): void;
}

/** The state vector of whoever has nothing. */
const nothingHeld = Uint8Array.of(0);

export class OpenDocument implements Speaker, ReceiptSpeaker, StatelessListener {
  readonly receipts = this;
  readonly admitted: Admitted;
  readonly #host: Host;
  /** Undefined while it is being opened. */
  #channel: Channel | undefined;
  /** What the channel has ended with meanwhile. */
  #refusal: SyncError | undefined;
  /** Of which clients the provider has said that they are present. */
  readonly #present = new Set<number>();
  /** Until the first exchange has begun. */
  #patience: Timer | undefined;
  #isAsking = false;

  constructor(admitted: Admitted, host: Host) {
    this.admitted = admitted;
    this.#host = host;
  }

  /**
   * What the channel says at once is held back, to go out behind the news that it is open; it may be that it is not, and that is given. Throws a
   * SyncError.
   */
  open(): SyncError | undefined {
    const { line, provider, statuses } = this.#host;
    const { name, mayWrite } = this.admitted;
    provider.holdBack();
    try {
      this.#channel = line.open(name, this, { mayWrite });
    } catch (error) {
      provider.release();
      throw error;
    }
    line.stateless.join(name, this);
    this.#patience = line.clock.after(exchangeWithinMs, () => statuses.hold(false));
    return this.#refusal;
  }

  close(): void {
    const { line, statuses } = this.#host;
    this.#patience?.cancel();
    this.#channel?.close();
    line.stateless.leave(this.admitted.name, this);
    line.holdBack(this, false);
    statuses.allLost();
  }

  /** Has the exchange begun from here: the provider thinks that it is over. */
  beginAnew(): void {
    if (this.admitted.mayWrite) this.#host.statuses.retryRejected();
    this.#exchange(nothingHeld);
  }

  allowWriting(mayWrite: boolean): void {
    this.#channel?.allowWriting(mayWrite);
  }

  drained(): void {
    this.#channel?.drained();
  }

  heard({ message, isAtOnce }: Kept): void {
    const { line, statuses } = this.#host;
    switch (message.say) {
      case 'sync': {
        const number = statuses.count(message.sync, isAtOnce);
        if (number === undefined) return this.#exchange(message.sync.body);
        return this.#edited(number, message.sync);
      }
      case 'presence':
        for (const { client, state } of message.entries)
          if (state) this.#present.add(client);
          else this.#present.delete(client);
        return this.#channel?.presence(message.entries);
      case 'presenceRequest':
        return this.#channel?.presenceRequested();
      case 'stateless':
        return line.stateless.heard(this.admitted.name, message.payload, (text) => this.stateless(text));
    }
  }

  stateless(payload: string): void {
    this.#host.provider.stateless(payload);
  }

  get hasRoom(): boolean {
    return this.#host.line.hasRoom;
  }

  ask(request: Uint8Array): void {
    const { line, provider, statuses } = this.#host;
    this.#isAsking = false;
    try {
      statuses.requested();
    } catch (error) {
      return line.end(error as SyncError);
    }
    provider.request(request);
  }

  deliver(entry: LiveEntry): void {
    // It has its own already, and is told by a status that they are saved.
    this.#host.provider.entry(entry, this.#channel);
  }

  tell(pieces: readonly Uint8Array[]): void {
    this.#host.provider.updates(pieces);
  }

  answering(): void {}

  answered(last: Uint8Array | undefined): void {
    const { provider, statuses } = this.#host;
    provider.answer(last);
    this.#host.answered();
    statuses.hold(false);
  }

  presence(news: PresenceNews): void {
    const { provider, isRecent } = this.#host;
    provider.presence(news);
    // Told that it is not there, it knows better, and keeps that to itself until it is asked.
    if (isRecent && news.entries.some(({ client, state }) => !state && this.#present.has(client)))
      provider.wantsPresence();
  }

  refuse(error: SyncError): void {
    if (this.#channel) this.#host.over(error);
    else this.#refusal = error;
  }

  stored({ from, through }: BatchRange): void {
    this.#host.statuses.saved(from, through);
  }

  again({ from, through }: BatchRange): void {
    const { statuses } = this.#host;
    statuses.lost(from, through);
    if (statuses.hasLost) this.#ask();
  }

  access(mayWrite: boolean): void {
    if (!this.#channel) return;
    const { provider, statuses } = this.#host;
    provider.authenticated(mayWrite);
    if (!mayWrite) return;
    statuses.retryRejected();
    this.#ask();
  }

  expired(): void {}

  incarnation(): void {}

  verified(): void {}

  keeps(bytes: number): void {
    this.#host.line.keeps(bytes);
  }

  pause(): void {
    this.#host.line.holdBack(this, true);
  }

  resume(): void {
    this.#host.line.holdBack(this, false);
  }

  #edited(number: number, { kind, body }: SyncMessage): void {
    const { statuses } = this.#host;
    if (this.admitted.mayWrite) return this.#channel?.batch(number, [body]);
    if (kind === 'update') return statuses.rejected(number);
    this.#channel?.holds(body, (isHeld) => {
      if (isHeld) statuses.saved(number, number);
      else statuses.rejected(number);
    });
  }

  /** Each says what it has, and is sent the rest. */
  #exchange(stateVector: Uint8Array): void {
    this.#patience?.cancel();
    this.#host.statuses.hold(true);
    this.#ask();
    this.#channel?.requested(stateVector);
  }

  #ask(): void {
    if (this.#isAsking || !this.#channel) return;
    this.#isAsking = true;
    this.#channel.ask();
  }
}
