// A server that lets nobody in without a token, in some runs: who gives tokens, who judges them, and by which clock.
import type { SeededRandom } from '../../support/random.ts';
import { Login } from '../client/login.ts';
import type { ClientSurroundings } from '../client/surroundings.ts';
import { Verdicts } from '../oracle/verdicts.ts';
import { Issuer } from './issuer.ts';
import { type Identify, Judge } from './judge.ts';
import type { Schedule } from './schedule.ts';

/** How far the clock on the wall of the server gets from that of whoever gives tokens. */
const maxJumpMs = 40_000;

interface Bearer {
  /** The client, by name. */
  readonly owner: string;
  readonly subject: string;
  readonly isShared: boolean;
}

export class Tokens {
  readonly issuer: Issuer;
  readonly verdicts: Verdicts;
  readonly #schedule: Schedule;
  readonly #random: SeededRandom;
  #skewMs = 0;

  constructor(schedule: Schedule, random: SeededRandom) {
    this.#schedule = schedule;
    this.#random = random;
    this.issuer = new Issuer(() => schedule.now());
    this.verdicts = new Verdicts(() => schedule.now());
  }

  /** How far the clock on the wall of the server is from the time that has passed. */
  get skewMs(): number {
    return this.#skewMs;
  }

  /** The clock on the wall of the server is set; gives by how much it is wrong then. */
  jump(): number {
    return (this.#skewMs = this.#random.below(maxJumpMs) - maxJumpMs / 2);
  }

  heal(): void {
    this.#skewMs = 0;
  }

  /** For a server that starts, with the key of that time. Gives one for each session. */
  judge(): () => Identify {
    const { verdicts } = this;
    const { key } = this.issuer;
    const wallClock = (): number => this.#schedule.now() + this.#skewMs;
    const judge = new Judge({ key, schedule: this.#schedule, wallClock, verdicts });
    return () => judge.session();
  }

  /** How a client says that it is this user. */
  login({ owner, subject, isShared }: Bearer, surroundings: ClientSurroundings): Login {
    const { issuer, verdicts } = this;
    const random = this.#random;
    const kind = random.oneIn(2) ? 'function' : 'text';
    return new Login({ subject, isShared, kind, issuer, verdicts, random }, owner, surroundings);
  }
}
