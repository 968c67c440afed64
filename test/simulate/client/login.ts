// How the app of a simulated client says who its user is: by a token that runs out, or by a function that gives one after another and
// does not always do that well. Where the client needs another one, the user logs in again after a while.
import type { Connection } from '@syncline/client/sync/connection.ts';
import type { ConnectionState } from '@syncline/client/sync/connection-state.ts';
import type { Token } from '@syncline/client/sync/credentials.ts';
import { upCodec } from '@syncline/shared';
import { down, up } from '@syncline/shared/wire/messages.ts';
import type { SeededRandom } from '../../support/random.ts';
import type { Verdicts } from '../oracle/verdicts.ts';
import { expectThat } from '../oracle/violation.ts';
import type { Issuer } from '../world/issuer.ts';
import type { Life } from '../world/schedule.ts';
import type { Eavesdropper } from './overheard.ts';
import type { ClientSurroundings } from './surroundings.ts';

/** From shorter than it takes to connect to longer than most pauses of a user. */
const minValidMs = 1_500;
const maxValidMs = 30_000;
/** Longer than a run. */
const lastingMs = 86_400_000;
const maxFetchMs = 300;
const minLoginMs = 200;
const maxLoginMs = 6_000;

/** So many things does a user do until he logs in unasked. */
const loginTimes = 60;

/** What the token function throws where it cannot do what it is asked. */
export class NoToken extends Error {
  override readonly name = 'NoToken';
}

interface User {
  readonly subject: string;
  /** Whether it is the user of several tabs. */
  readonly isShared: boolean;
  readonly kind: 'function' | 'text';
  readonly issuer: Issuer;
  readonly verdicts: Verdicts;
  readonly random: SeededRandom;
}

export class Login implements Eavesdropper {
  readonly #user: User;
  readonly #owner: string;
  readonly #surroundings: ClientSurroundings;
  /** What the client said last. */
  #last: string | undefined;
  #before: ConnectionState['state'] = 'initial';
  #isWaiting = false;
  #hasLoggedIn = false;
  /** From now on all tokens are good, and last. */
  #isHealed = false;

  constructor(user: User, owner: string, surroundings: ClientSurroundings) {
    this.#user = user;
    this.#owner = owner;
    this.#surroundings = surroundings;
  }

  /** What a process that begins says. */
  begin(life: Life): Token {
    this.#before = 'initial';
    this.#isWaiting = this.#hasLoggedIn = false;
    return this.#source(life);
  }

  /** Whatever the state of the connection is now. */
  changed(connection: Connection, life: Life): void {
    const { state } = connection;
    const before = this.#before;
    this.#before = state.state;
    this.#look(state, before);
    if (state.state !== 'needs-token' || this.#isWaiting) return;
    this.#isWaiting = true;
    life.after(minLoginMs + this.#user.random.below(maxLoginMs), () => {
      this.#isWaiting = false;
      if (connection.state.state !== 'needs-token') return;
      this.#hasLoggedIn = true;
      this.again(connection, life);
    });
  }

  /** Now and then the user logs in while nobody has asked for that. Gives whether he does. */
  act(connection: Connection, life: Life): boolean {
    if (!this.#user.random.oneIn(loginTimes)) return false;
    this.again(connection, life);
    return true;
  }

  /** The user logs in again, be it of his own accord. */
  again(connection: Connection, life: Life): void {
    this.#surroundings.trace.note(`${this.#owner} logs in`);
    const isAsked = this.#user.kind === 'function' && this.#user.random.oneIn(2);
    connection.login(isAsked ? undefined : this.#source(life));
  }

  heal(connection: Connection, life: Life): void {
    this.#isHealed = true;
    this.again(connection, life);
  }

  said(frame: Uint8Array): void {
    const [type] = frame;
    if (type !== up.hello.type && type !== up.renew.type) return;
    const message = upCodec.decode(frame);
    if (message.say === 'hello' || message.say === 'renew') this.#last = message.token;
  }

  received([type]: Uint8Array): void {
    if (type === down.renewed.type) this.#surroundings.paths.saw('token renewed');
  }

  #look(state: ConnectionState, before: ConnectionState['state']): void {
    const { paths, fail } = this.#surroundings;
    const { verdicts, kind, isShared } = this.#user;
    const hasExpired =
      state.state === 'needs-token'
        ? state.why === 'expired'
        : isLost(state) && state.reason === 'token-expired';
    if (hasExpired && before === 'connected') paths.saw('token expired in mid-session');
    if (state.state === 'needs-token' && before !== 'needs-token') {
      paths.saw('needs a token');
      if (state.why === 'revoked') paths.saw('token revoked');
    }
    if (state.state === 'connected' && this.#hasLoggedIn) {
      this.#hasLoggedIn = false;
      paths.saw('logged in again');
    }
    try {
      verdicts.expectTrue({ client: this.#owner, last: this.#last, isShared }, state);
      expectThat(
        kind === 'text' || !hasExpired || before !== 'connected' || state.state !== 'needs-token',
        () => `O17: ${this.#owner} is not asked for a token before it is said to need one`,
      );
    } catch (error) {
      fail(error);
    }
  }

  #source(life: Life): Token {
    return this.#user.kind === 'text' ? this.#issue() : () => this.#fetch(life);
  }

  /** As a function of an app does that asks its backend. */
  async #fetch(life: Life): Promise<string> {
    const { random } = this.#user;
    await new Promise<void>((resolve) => life.after(random.below(maxFetchMs), resolve));
    if (!this.#isHealed && random.oneIn(8)) throw new NoToken('the backend is not there');
    return this.#issue();
  }

  #issue(): string {
    const { random, issuer, subject } = this.#user;
    if (this.#isHealed) return issuer.sign({ subject, may: 'write', validForMs: lastingMs });
    const kind = random.below(16);
    const validForMs = minValidMs + random.below(maxValidMs - minValidMs);
    return issuer.sign({
      subject: kind === 0 ? `${subject} elsewhere` : subject,
      may: kind < 3 ? 'read' : 'write',
      validForMs: kind === 3 ? -1 : validForMs,
    });
  }
}

function isLost(state: ConnectionState): state is Extract<ConnectionState, { state: 'waiting' }> {
  return state.state === 'waiting';
}
