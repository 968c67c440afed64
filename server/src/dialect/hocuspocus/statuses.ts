// What a provider is owed: it counts what it has sent, and takes one off for each status that says *saved*. It is told so when its edits
// are on the disk, one status for each that it counts, in order; at nought everything that it has is saved.
//
// What it counts: each Update; and one for the exchange that it begins by saying what it has, which sets the count to 1 and is over with its
// Answer to our Request. Two things do not follow from that alone:
// - What it typed without a connection it sends as Updates when it first hears from the server, after its count was set. Those are in what
//   its Request says that it has, and owed nothing. Of one that only deletes, the Request does not tell: it is taken for such a one as long
//   as they may still come.
// - A Request of ours in between, for what a failed commit has lost, is answered as well, and that Answer is not counted.
import { SyncError } from '@syncline/shared';
import { createDecoder, readVarUint } from 'lib0/decoding';
import type { SyncMessage } from '../y-protocols.ts';
import { maxClaimBytes, maxOwedStatuses, maxUnansweredRequests } from './limits.ts';

/** `asked`: lost, and a Request of ours has gone out since. */
type State = 'waiting' | 'lost' | 'asked' | 'saved' | 'rejected';

interface Entry {
  state: State;
  /** How many statuses are owed for it. */
  owes: number;
  /** What was lost before our Request to which it is the Answer, and is in it. */
  readonly covers: readonly Entry[];
}

interface Request {
  owes: number;
  readonly covers: readonly Entry[];
}

const nothing: readonly Entry[] = [];
const nothingClaimed = Uint8Array.of(0);

export class Statuses {
  readonly #tell: (isSaved: boolean) => void;
  /** In the order in which they came, without those that have been settled up to the first that is not. */
  readonly #entries: Entry[] = [];
  /** The number of the first of them. */
  #first = 0;
  #lost = 0;
  /** Our Requests that are not answered. */
  readonly #requests: Request[] = [];
  /** The state vector with which the provider began an exchange, until that is over. */
  #claimed: Uint8Array | undefined;
  #clocks: ReadonlyMap<number, number> | undefined;
  /** Whether what was typed without a connection may still come. */
  #isCatchingUp = false;
  /** Whether our next Request belongs to an exchange that the provider began. */
  #isExchangeOwed = false;
  /** At first: what is said before the first exchange is not counted any more when a status for it would come. */
  #isHeld = true;
  /** Statuses that said *rejected*: the provider goes on counting what they were for. */
  #rejected = 0;
  /** Updates of which it cannot be told whether the provider counts them. */
  #doubtful = 0;

  constructor(tell: (isSaved: boolean) => void) {
    this.#tell = tell;
  }

  /** Whether something was lost that no Request of ours has asked for since. */
  get hasLost(): boolean {
    return this.#lost > 0;
  }

  /** Counts what the provider says; gives the number of what brings something. Throws `bad_frame` when too many statuses are owed. */
  count({ kind, body }: SyncMessage, isAtOnce: boolean): number | undefined {
    switch (kind) {
      case 'request':
        this.exchange(body);
        return undefined;
      case 'update':
        return this.update(body, isAtOnce);
      case 'answer':
        return this.answer();
    }
  }

  /** The provider says what it has, and counts from 1. */
  exchange(stateVector: Uint8Array): void {
    for (const entry of this.#entries) entry.owes = 0;
    for (const request of this.#requests) request.owes = 0;
    this.#rejected = this.#doubtful = 0;
    this.#isExchangeOwed = this.#isCatchingUp = true;
    // A copy: it is a view of a socket's whole read buffer.
    this.#claimed = stateVector.length <= maxClaimBytes ? stateVector.slice() : nothingClaimed;
    this.#clocks = undefined;
  }

  /** A Request of ours goes out. Throws `bad_frame` when too many are not answered. */
  requested(): void {
    if (this.#requests.length >= maxUnansweredRequests) {
      throw new SyncError('bad_frame', 'requests are not answered');
    }
    const covers = this.#lost === 0 ? nothing : this.#entries.filter(({ state }) => state === 'lost');
    for (const entry of covers) entry.state = 'asked';
    this.#lost = 0;
    this.#requests.push({ owes: this.#isExchangeOwed ? 1 : 0, covers });
    this.#isExchangeOwed = false;
  }

  /** An Update has come, at once behind what came before it or not; gives its number. Throws `bad_frame` when too many statuses are owed. */
  update(update: Uint8Array, isAtOnce: boolean): number {
    if (!isAtOnce) this.#isCatchingUp = false;
    return this.#add({ state: 'waiting', owes: this.#owedFor(update), covers: nothing });
  }

  /** The Answer to the first of our Requests has come, or one that nobody has asked for; gives its number. Throws likewise. */
  answer(): number {
    const { owes, covers } = this.#requests.shift() ?? { owes: 1, covers: nothing };
    if (owes > 0) this.#claimed = undefined;
    return this.#add({ state: 'waiting', owes, covers });
  }

  /** What has come is not kept: it is to be asked for. */
  drop(number: number): void {
    this.lost(number, number);
    const [before, last] = this.#entries.slice(-2);
    if (!last || before?.state !== 'lost' || last.state !== 'lost') return;
    // However many they are, they are one.
    before.owes += last.owes;
    this.#entries.pop();
    this.#lost--;
  }

  /** All of these are on the disk. */
  saved(from: number, through: number): void {
    for (let number = from; number <= through; number++) this.#settle(number, 'saved');
    this.#pay();
  }

  /** It is not taken. */
  rejected(number: number): void {
    this.#settle(number, 'rejected');
    this.#pay();
  }

  lost(from: number, through: number): void {
    for (let number = from; number <= through; number++) this.#lose(this.#entries[number - this.#first]);
  }

  /** The document has ended: of what has not been settled it is not known what becomes of it. */
  allLost(): void {
    this.#isHeld = false;
    for (const entry of this.#entries) this.#lose(entry);
  }

  /** What was rejected is taken now, and to be asked for. */
  retryRejected(): void {
    if (this.#rejected === 0) return;
    const number = this.#add({ state: 'waiting', owes: this.#rejected, covers: nothing });
    this.lost(number, number);
    this.#rejected = 0;
  }

  /** While the provider is sent what it lacks it is told nothing: at nought it believes that it has everything. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#pay();
  }

  /** Nothing is on its way, as far as can be seen: a status too many does no harm now to a provider that does not count below nought. */
  quiet(): void {
    if (this.#entries.length + this.#requests.length > 0 || this.#claimed || this.#isHeld) return;
    for (; this.#doubtful > 0; this.#doubtful--) this.#tell(true);
  }

  #add(entry: Entry): number {
    if (this.#entries.length >= maxOwedStatuses)
      throw new SyncError('bad_frame', 'requests are not answered');
    this.#entries.push(entry);
    return this.#first + this.#entries.length - 1;
  }

  /** Of one update all or nothing was there when the provider said what it has: its first operation tells. */
  #owedFor(update: Uint8Array): number {
    if (!this.#claimed) return 1;
    const first = firstOf(update);
    if (first === 'none') {
      if (!this.#isCatchingUp) return 1;
      this.#doubtful++;
      return 0;
    }
    this.#clocks ??= clocksIn(this.#claimed);
    if (first && first.clock < (this.#clocks.get(first.client) ?? 0)) return 0;
    this.#isCatchingUp = false;
    return 1;
  }

  #settle(number: number, state: 'saved' | 'rejected'): void {
    const entry = this.#entries[number - this.#first];
    // One that was lost with its document is settled by the Answer in which it is asked for.
    if (entry?.state !== 'waiting') return;
    entry.state = state;
    for (const covered of entry.covers) if (covered.state === 'asked') covered.state = state;
  }

  /** What it was to bring is lost with it. */
  #lose(entry: Entry | undefined): void {
    if (entry?.state !== 'waiting') return;
    entry.state = 'lost';
    this.#lost++;
    for (const covered of entry.covers) {
      if (covered.state !== 'asked') continue;
      covered.state = 'lost';
      this.#lost++;
    }
  }

  #pay(): void {
    if (this.#isHeld) return;
    let paid = 0;
    for (const { owes, state } of this.#entries) {
      if (state !== 'saved' && state !== 'rejected') break;
      paid++;
      for (let times = owes; times > 0; times--) this.#tell(state === 'saved');
      if (state === 'rejected') this.#rejected += owes;
    }
    if (paid === 0) return;
    this.#entries.splice(0, paid);
    this.#first += paid;
  }
}

/** Where the first operation of an update lies; `none` for deletions alone, undefined for what cannot be read. */
function firstOf(
  update: Uint8Array,
): { readonly client: number; readonly clock: number } | 'none' | undefined {
  try {
    const decoder = createDecoder(update);
    if (readVarUint(decoder) === 0) return 'none';
    readVarUint(decoder);
    const client = readVarUint(decoder);
    return { client, clock: readVarUint(decoder) };
  } catch {
    // It is refused where it is checked.
    return undefined;
  }
}

function clocksIn(stateVector: Uint8Array): ReadonlyMap<number, number> {
  const clocks = new Map<number, number>();
  try {
    const decoder = createDecoder(stateVector);
    for (let clients = readVarUint(decoder); clients > 0; clients--) {
      clocks.set(readVarUint(decoder), readVarUint(decoder));
    }
  } catch {
    // It is refused where the engine reads it.
  }
  return clocks;
}
