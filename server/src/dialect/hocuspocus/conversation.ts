// What a provider and the server say to each other of one document, under one address of a socket: from the first message, through being
// let in, to its end; and what is owed from before when it is let in again.
//
// A document that ends for good is denied, and its socket stays. The provider goes on sending: of that nothing is kept, but it is counted,
// so that a token which is accepted later begins the exchange anew from here, and the provider's count comes to nought all the same. One
// that cannot be read at the moment is opened again after a pause, likewise.
import { documentName, type DocumentName, SyncError } from '@syncline/shared';
import type { Channel } from '../../core/channel.ts';
import type { LiveEntry } from '../../core/live-entry.ts';
import type { BatchRange } from '../../core/receipts.ts';
import type { PresenceNews, ReceiptSpeaker, Speaker } from '../../core/speaker.ts';
import type { Principal } from '../../port/access.ts';
import type { Clock, Timer } from '../../port/clock.ts';
import type { SyncMessage } from '../y-protocols.ts';
import { exchangeWithinMs, maxReopenMs, minReopenMs } from './limits.ts';
import { nameIn, type Said } from './message.ts';
import { Provider, type Wire } from './provider.ts';
import type { Stateless, StatelessListener } from './stateless.ts';
import { Statuses } from './statuses.ts';
import { TokenLife } from './token-life.ts';
import { type Kept, Waiting, type WaitingRoom } from './waiting.ts';

/** What the conversations of one socket share. */
export interface Line extends Wire {
  readonly clock: Clock;
  readonly stateless: Stateless;
  readonly waitingRoom: WaitingRoom;
  /** Whether the frame that is being read came at once behind the one before. */
  readonly isAtOnce: boolean;
  /** Throws a SyncError. */
  open(name: DocumentName, speaker: Speaker, access: { mayWrite: boolean }): Channel;
  keeps(bytes: number): void;
  holdBack(who: object, isHeldBack: boolean): void;
  /** The socket is over. */
  end(error: SyncError): void;
  /** The provider is to connect again, with a new token. */
  reset(): void;
}

interface Admitted {
  readonly name: DocumentName;
  principal: Principal;
  mayWrite: boolean;
}

interface Open {
  readonly admitted: Admitted;
  readonly channel: Channel;
}

type State =
  /** Nobody was let in yet, and what is said is kept. */
  | { readonly state: 'waiting'; readonly isDenied: boolean }
  | ({ readonly state: 'open' } & Open)
  /** To be opened again when the timer says so. */
  | { readonly state: 'resting'; readonly admitted: Admitted; readonly timer: Timer }
  /** Denied after it was open, or after more was said than is kept. */
  | { readonly state: 'ended' }
  | { readonly state: 'left' };

/** The state vector of whoever has nothing. */
const nothingHeld = Uint8Array.of(0);

export class Conversation implements Speaker, ReceiptSpeaker, StatelessListener {
  readonly receipts = this;
  readonly #address: string;
  readonly #provider: Provider;
  readonly #line: Line;
  readonly #waiting: Waiting;
  readonly #statuses: Statuses;
  readonly #tokenLife: TokenLife;
  #state: State = { state: 'waiting', isDenied: false };
  /** Whether the provider is known to answer when it is asked for a token: those of version 2 do not. */
  #canRenew = false;
  #isTokenWanted = false;
  /** Whether a status too many does no harm when nothing is on its way: those of version 2 count below nought. */
  #canCount = false;
  /** Whether it is of version 4. */
  #isRecent = false;
  /** Of which clients it has said that they are present. */
  readonly #present = new Set<number>();
  /** Until the first exchange has begun. */
  #patience: Timer | undefined;
  #isAsking = false;
  #reopenMs = minReopenMs;
  /** While the channel is being opened. */
  #opening: { refusal: SyncError | undefined } | undefined;

  constructor(address: string, line: Line) {
    this.#address = address;
    this.#provider = new Provider(address, line);
    this.#line = line;
    this.#waiting = new Waiting(line.waitingRoom);
    this.#statuses = new Statuses((isSaved) => this.#provider.status(isSaved));
    this.#tokenLife = new TokenLife(line.clock, {
      ending: () => this.#wantToken(),
      ended: () => this.#expired(),
    });
  }

  /** Whether nobody has said yet who it is. */
  get isNew(): boolean {
    return this.#state.state === 'waiting' && !this.#state.isDenied;
  }

  get isAdmitted(): boolean {
    return this.#state.state === 'open' || this.#state.state === 'resting';
  }

  /** What it says of itself together with a token. Those of version 2 say none where they have none, those of version 3 an empty one. */
  introduced(token: string, version: string | undefined): void {
    this.#isRecent = version !== undefined;
    if (version !== undefined || token === '') this.#canRenew = this.#canCount = true;
  }

  /** Something was said, in so many bytes. Throws `bad_frame`. */
  hear(message: Said, frameBytes: number): void {
    const { isAtOnce } = this.#line;
    if (this.#state.state !== 'waiting') return this.#heard({ message, isAtOnce });
    if (this.#waiting.add({ message, isAtOnce }, frameBytes)) return;
    // More was said than is kept. It is asked for when it is known who says it.
    for (const kept of this.#waiting.take()) this.#forget(kept);
    this.#forget({ message, isAtOnce });
    this.#state = { state: 'ended' };
  }

  #heard(kept: Kept): void {
    switch (this.#state.state) {
      case 'open':
        return this.#act(kept, this.#state);
      case 'waiting':
      case 'resting':
      case 'ended':
        return this.#forget(kept);
      case 'left':
        return;
    }
  }

  /** Lets the provider in, or lets it stay. Throws a SyncError that is not for good. */
  letIn(principal: Principal): void {
    try {
      if (this.#state.state === 'open' || this.#state.state === 'resting') {
        this.#canRenew ||= this.#isTokenWanted;
        this.#renew(this.#state.admitted, principal);
      } else {
        this.#open(admission(documentName(nameIn(this.#address)), principal));
      }
      this.#isTokenWanted = false;
      if (this.isAdmitted) this.#tokenLife.begin(principal.validForMs);
    } catch (error) {
      if (!(error instanceof SyncError) || error.retry !== 'never') throw error;
      this.deny(error);
    }
  }

  /** It is over for good, or until a token is accepted. */
  deny(error: SyncError): void {
    if (this.#state.state === 'waiting') this.#state = { state: 'waiting', isDenied: true };
    else this.#end({ state: 'ended' });
    this.#tokenLife.cancel();
    this.#provider.denied(error);
  }

  /** The provider has left, or its socket is gone. */
  leave(): void {
    this.#end({ state: 'left' });
    this.#tokenLife.cancel();
    this.#waiting.take();
  }

  keepAlive(): void {
    this.#provider.keepAlive();
  }

  /** Nothing has been said for a while. */
  quiet(): void {
    if (this.#canCount) this.#statuses.quiet();
  }

  drained(): void {
    if (this.#state.state === 'open') this.#state.channel.drained();
  }

  stateless(payload: string): void {
    this.#provider.stateless(payload);
  }

  get hasRoom(): boolean {
    return this.#line.hasRoom;
  }

  ask(request: Uint8Array): void {
    this.#isAsking = false;
    try {
      this.#statuses.requested();
    } catch (error) {
      return this.#line.end(error as SyncError);
    }
    this.#provider.request(request);
  }

  deliver(entry: LiveEntry): void {
    // It has its own already, and is told by a status that they are saved.
    this.#provider.entry(entry, this.#state.state === 'open' ? this.#state.channel : undefined);
  }

  tell(pieces: readonly Uint8Array[]): void {
    this.#provider.updates(pieces);
  }

  answering(): void {}

  answered(last: Uint8Array | undefined): void {
    this.#provider.answer(last);
    this.#reopenMs = minReopenMs;
    this.#statuses.hold(false);
  }

  presence(news: PresenceNews): void {
    this.#provider.presence(news);
    // Told that it is not there, it knows better, and keeps that to itself until it is asked.
    if (this.#isRecent && news.entries.some(({ client, state }) => !state && this.#present.has(client)))
      this.#provider.wantsPresence();
  }

  refuse(error: SyncError): void {
    if (this.#opening) this.#opening.refusal = error;
    else this.#over(error);
  }

  stored({ from, through }: BatchRange): void {
    this.#statuses.saved(from, through);
  }

  again({ from, through }: BatchRange): void {
    this.#statuses.lost(from, through);
    if (this.#statuses.hasLost) this.#ask();
  }

  access(mayWrite: boolean): void {
    if (this.#opening) return;
    this.#provider.authenticated(mayWrite);
    if (!mayWrite) return;
    this.#statuses.retryRejected();
    this.#ask();
  }

  expired(): void {}

  incarnation(): void {}

  verified(): void {}

  keeps(bytes: number): void {
    this.#line.keeps(bytes);
  }

  pause(): void {
    this.#line.holdBack(this, true);
  }

  resume(): void {
    this.#line.holdBack(this, false);
  }

  #act({ message, isAtOnce }: Kept, { admitted, channel }: Open): void {
    switch (message.say) {
      case 'sync': {
        const number = this.#count(message.sync, isAtOnce);
        if (number === undefined) return this.#exchange(channel, message.sync.body);
        return this.#edited(number, message.sync, { admitted, channel });
      }
      case 'presence':
        for (const { client, state } of message.entries)
          if (state) this.#present.add(client);
          else this.#present.delete(client);
        return channel.presence(message.entries);
      case 'presenceRequest':
        return channel.presenceRequested();
      case 'stateless':
        return this.#line.stateless.heard(admitted.name, message.payload, (text) => this.stateless(text));
    }
  }

  #edited(number: number, { kind, body }: SyncMessage, { admitted, channel }: Open): void {
    if (admitted.mayWrite) return channel.batch(number, [body]);
    if (kind === 'update') return this.#statuses.rejected(number);
    channel.holds(body, (isHeld) => {
      if (isHeld) this.#statuses.saved(number, number);
      else this.#statuses.rejected(number);
    });
  }

  /** Each says what it has, and is sent the rest. */
  #exchange(channel: Channel, stateVector: Uint8Array): void {
    this.#patience?.cancel();
    this.#statuses.hold(true);
    this.#ask();
    channel.requested(stateVector);
  }

  #ask(): void {
    if (this.#isAsking || this.#state.state !== 'open') return;
    this.#isAsking = true;
    this.#state.channel.ask();
  }

  /** Counts what was said; gives the number of what brings something. */
  #count({ kind, body }: SyncMessage, isAtOnce: boolean): number | undefined {
    switch (kind) {
      case 'request':
        this.#statuses.exchange(body);
        return undefined;
      case 'update':
        return this.#statuses.update(body, isAtOnce);
      case 'answer':
        return this.#statuses.answer();
    }
  }

  /** Keeps nothing of it but what is owed for it. */
  #forget({ message, isAtOnce }: Kept): void {
    const number = message.say === 'sync' ? this.#count(message.sync, isAtOnce) : undefined;
    if (number !== undefined) this.#statuses.drop(number);
  }

  /** Throws a SyncError. */
  #open(admitted: Admitted): void {
    const before = this.#state.state;
    const { channel, refusal } = this.#openChannel(admitted);
    this.#state = { state: 'open', admitted, channel };
    this.#line.stateless.join(admitted.name, this);
    if (before !== 'resting') this.#provider.authenticated(admitted.mayWrite);
    this.#provider.release();
    this.#patience = this.#line.clock.after(exchangeWithinMs, () => this.#statuses.hold(false));
    if (refusal) return this.#over(refusal);
    for (const kept of this.#waiting.take()) this.#heard(kept);
    if (before === 'waiting') return;
    if (admitted.mayWrite) this.#statuses.retryRejected();
    this.#exchange(channel, nothingHeld);
  }

  /** What the channel says at once goes out behind the news that it is open, and may be that it is not. Throws a SyncError. */
  #openChannel({ name, mayWrite }: Admitted): { channel: Channel; refusal: SyncError | undefined } {
    const opening: { refusal: SyncError | undefined } = (this.#opening = { refusal: undefined });
    this.#provider.holdBack();
    try {
      return { channel: this.#line.open(name, this, { mayWrite }), ...opening };
    } catch (error) {
      this.#provider.release();
      throw error;
    } finally {
      this.#opening = undefined;
    }
  }

  /** Throws a SyncError. */
  #renew(admitted: Admitted, principal: Principal): void {
    if (principal.id !== admitted.principal.id) {
      throw new SyncError('unauthenticated', 'the new token is for somebody else');
    }
    Object.assign(admitted, admission(admitted.name, principal));
    if (this.#state.state === 'open') this.#state.channel.allowWriting(admitted.mayWrite);
  }

  /** The channel has ended. */
  #over(error: SyncError): void {
    if (error.retry === 'never') return this.deny(error);
    if (this.#state.state !== 'open' && this.#state.state !== 'resting') return;
    const { admitted } = this.#state;
    const timer = this.#line.clock.after(this.#reopenMs, () => this.#reopen(admitted));
    this.#reopenMs = Math.min(this.#reopenMs * 2, maxReopenMs);
    this.#end({ state: 'resting', admitted, timer });
  }

  #reopen(admitted: Admitted): void {
    try {
      this.#open(admitted);
    } catch (error) {
      this.#over(error instanceof SyncError ? error : new SyncError('internal'));
    }
  }

  #wantToken(): void {
    this.#isTokenWanted = true;
    this.#provider.wantsToken();
  }

  #expired(): void {
    if (this.#canRenew) this.deny(new SyncError('token_expired'));
    else this.#line.reset();
  }

  /** Leaves the document, if it is open, for another state. */
  #end(next: State): void {
    const was = this.#state;
    this.#state = next;
    this.#isAsking = false;
    this.#patience?.cancel();
    if (was.state === 'resting') was.timer.cancel();
    if (was.state !== 'open') return;
    was.channel.close();
    this.#line.stateless.leave(was.admitted.name, this);
    this.#line.holdBack(this, false);
    this.#present.clear();
    this.#statuses.allLost();
  }
}

/** Throws `forbidden`. */
function admission(name: DocumentName, principal: Principal): Admitted {
  if (!principal.may('read', name)) throw new SyncError('forbidden');
  return { name, principal, mayWrite: principal.may('write', name) };
}
