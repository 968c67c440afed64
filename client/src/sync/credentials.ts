// Who the client says it is: a token, or a function of the application's that gives one, and whether a server has accepted it.

export type Token = string | (() => string | Promise<string>);

export class Credentials {
  #source: Token;
  readonly #report: (error: unknown) => void;
  #last: string | undefined;
  #accepted: string | undefined;
  #isOutdated = false;

  constructor(source: Token, report: (error: unknown) => void) {
    this.#source = source;
    this.#report = report;
  }

  /** Whether another token can be had without the application being told. */
  get canRenew(): boolean {
    return typeof this.#source === 'function';
  }

  /** Whether the token that was said last was accepted before. */
  get wasAccepted(): boolean {
    return this.#last !== undefined && this.#accepted === this.#last;
  }

  /** Whether the token that was asked for last is not the one to be said any more. */
  get isOutdated(): boolean {
    return this.#isOutdated;
  }

  /** Another one is to be had, from the same function where none is given. */
  renew(source = this.#source): void {
    this.#source = source;
    this.#isOutdated = true;
  }

  said(token: string): void {
    this.#last = token;
  }

  /** The token that was said last is accepted. */
  accepted(): void {
    this.#accepted = this.#last;
  }

  /** The token to be said now; undefined when the application's function has failed. */
  async token(): Promise<string | undefined> {
    this.#isOutdated = false;
    try {
      const token = typeof this.#source === 'string' ? this.#source : await this.#source();
      if (typeof token !== 'string') throw new TypeError(`a token is a string, and not ${typeof token}`);
      return token;
    } catch (error) {
      this.#report(error);
      return undefined;
    }
  }
}
