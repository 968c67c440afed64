// What a provider and the server say to each other of one document, under one address of a socket: from the first message, through being
// let in, to its end; and what is owed from before when it is let in again. While the document is open that is `OpenDocument`'s.
//
// A document that ends for good is denied, and its socket stays. The provider goes on sending: of that nothing is kept, but it is counted,
// so that a token which is accepted later begins the exchange anew from here, and the provider's count comes to nought all the same. One
// that cannot be read at the moment is opened again after a pause, likewise.
import { documentName, SyncError } from '@syncline/shared';
import type { Principal } from '../../port/access.ts';
import type { Timer } from '../../port/clock.ts';
import { admission, type Admitted } from './admitted.ts';
import { maxReopenMs, minReopenMs } from './limits.ts';
import type { Line } from './line.ts';
import { nameIn, type Said } from './message.ts';
import { type Host, OpenDocument } from './open-document.ts';
import { Provider } from './provider.ts';
import { Statuses } from './statuses.ts';
import { TokenLife } from './token-life.ts';
import { type Kept, Waiting } from './waiting.ts';

type State =
  /** Nobody was let in yet, and what is said is kept. */
  | { readonly state: 'waiting'; readonly isDenied: boolean }
  | { readonly state: 'open'; readonly document: OpenDocument }
  /** To be opened again when the timer says so. */
  | { readonly state: 'resting'; readonly admitted: Admitted; readonly timer: Timer }
  /** Denied after it was open, or after more was said than is kept. */
  | { readonly state: 'ended' }
  | { readonly state: 'left' };

export class Conversation implements Host {
  readonly line: Line;
  readonly provider: Provider;
  readonly statuses: Statuses;
  readonly #address: string;
  readonly #waiting: Waiting;
  readonly #tokenLife: TokenLife;
  #state: State = { state: 'waiting', isDenied: false };
  /** Whether the provider is known to answer when it is asked for a token: those of version 2 do not. */
  #canRenew = false;
  #isTokenWanted = false;
  /** Whether a status too many does no harm when nothing is on its way: those of version 2 count below nought. */
  #canCount = false;
  isRecent = false;
  #reopenMs = minReopenMs;

  constructor(address: string, line: Line) {
    this.line = line;
    this.provider = new Provider(address, line);
    this.statuses = new Statuses((isSaved) => this.provider.status(isSaved));
    this.#address = address;
    this.#waiting = new Waiting(line.waitingRoom);
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
    return this.#admitted !== undefined;
  }

  /** What it says of itself together with a token. Those of version 2 say none where they have none, those of version 3 an empty one. */
  introduced(token: string, version: string | undefined): void {
    this.isRecent = version !== undefined;
    if (version !== undefined || token === '') this.#canRenew = this.#canCount = true;
  }

  /** Something was said, in so many bytes. Throws `bad_frame`. */
  hear(message: Said, frameBytes: number): void {
    const { isAtOnce } = this.line;
    if (this.#state.state !== 'waiting') return this.#heard({ message, isAtOnce });
    if (this.#waiting.add({ message, isAtOnce }, frameBytes)) return;
    // More was said than is kept. It is asked for when it is known who says it.
    for (const kept of this.#waiting.take()) this.#forget(kept);
    this.#forget({ message, isAtOnce });
    this.#state = { state: 'ended' };
  }

  /** Lets the provider in, or lets it stay. Throws a SyncError that is not for good. */
  letIn(principal: Principal): void {
    try {
      const admitted = this.#admitted;
      if (admitted) {
        this.#canRenew ||= this.#isTokenWanted;
        this.#renew(admitted, principal);
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
    this.provider.denied(error);
  }

  /** The provider has left, or its socket is gone. */
  leave(): void {
    this.#end({ state: 'left' });
    this.#tokenLife.cancel();
    this.#waiting.take();
  }

  keepAlive(): void {
    this.provider.keepAlive();
  }

  /** Nothing has been said for a while. */
  quiet(): void {
    if (this.#canCount) this.statuses.quiet();
  }

  drained(): void {
    if (this.#state.state === 'open') this.#state.document.drained();
  }

  answered(): void {
    this.#reopenMs = minReopenMs;
  }

  over(error: SyncError): void {
    if (error.retry === 'never') return this.deny(error);
    const admitted = this.#admitted;
    if (!admitted) return;
    const timer = this.line.clock.after(this.#reopenMs, () => this.#reopen(admitted));
    this.#reopenMs = Math.min(this.#reopenMs * 2, maxReopenMs);
    this.#end({ state: 'resting', admitted, timer });
  }

  get #admitted(): Admitted | undefined {
    switch (this.#state.state) {
      case 'open':
        return this.#state.document.admitted;
      case 'resting':
        return this.#state.admitted;
      case 'waiting':
      case 'ended':
      case 'left':
        return undefined;
    }
  }

  #heard(kept: Kept): void {
    switch (this.#state.state) {
      case 'open':
        return this.#state.document.heard(kept);
      case 'waiting':
      case 'resting':
      case 'ended':
        return this.#forget(kept);
      case 'left':
        return;
    }
  }

  /** Keeps nothing of it but what is owed for it. */
  #forget({ message, isAtOnce }: Kept): void {
    const number = message.say === 'sync' ? this.statuses.count(message.sync, isAtOnce) : undefined;
    if (number !== undefined) this.statuses.drop(number);
  }

  /** Throws a SyncError. */
  #open(admitted: Admitted): void {
    const before = this.#state.state;
    const document = new OpenDocument(admitted, this);
    const refusal = document.open();
    this.#state = { state: 'open', document };
    if (before !== 'resting') this.provider.authenticated(admitted.mayWrite);
    this.provider.release();
    if (refusal) return this.over(refusal);
    for (const kept of this.#waiting.take()) this.#heard(kept);
    if (before !== 'waiting') document.beginAnew();
  }

  /** Throws a SyncError. */
  #renew(admitted: Admitted, principal: Principal): void {
    if (principal.id !== admitted.principal.id) {
      throw new SyncError('unauthenticated', 'the new token is for somebody else');
    }
    Object.assign(admitted, admission(admitted.name, principal));
    if (this.#state.state === 'open') this.#state.document.allowWriting(admitted.mayWrite);
  }

  #reopen(admitted: Admitted): void {
    try {
      this.#open(admitted);
    } catch (error) {
      this.over(error instanceof SyncError ? error : new SyncError('internal'));
    }
  }

  #wantToken(): void {
    this.#isTokenWanted = true;
    this.provider.wantsToken();
  }

  #expired(): void {
    if (this.#canRenew) this.deny(new SyncError('token_expired'));
    else this.line.reset();
  }

  /** Leaves the document, if it is open, for another state. */
  #end(next: State): void {
    const was = this.#state;
    this.#state = next;
    if (was.state === 'resting') was.timer.cancel();
    if (was.state === 'open') was.document.close();
  }
}
