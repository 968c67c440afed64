// O17: a client is said to need another token only where a server has refused the one that it said last, and for that reason; and it is
// never given up.
import type { ConnectionState } from '@syncline/client/sync/connection-state.ts';
import type { ErrorCode } from '@syncline/shared';
import { expectThat } from './violation.ts';

interface Claiming {
  readonly client: string;
  /** The token that it said last. */
  readonly last: string | undefined;
  /** Whether others speak for it as well: what one of several tabs was told is good for all. */
  readonly isShared: boolean;
}

export class Verdicts {
  readonly #now: () => number;
  /** By token that a server has accepted, when it is over for the last that did. */
  readonly #accepted = new Map<string, number>();
  readonly #refused = new Map<string, Set<ErrorCode>>();

  constructor(now: () => number) {
    this.#now = now;
  }

  accepted(token: string, validForMs = Infinity): void {
    this.#accepted.set(token, this.#now() + validForMs);
  }

  refused(token: string, code: ErrorCode): void {
    const codes = this.#refused.get(token) ?? new Set();
    this.#refused.set(token, codes.add(code));
  }

  /** Throws a Violation. */
  expectTrue({ client, last, isShared }: Claiming, state: ConnectionState): void {
    if (state.state === 'rejected')
      expectThat(false, () => `O17: ${client} is given up for good: ${state.error.message}`);
    if (state.state !== 'needs-token') return;
    const { why, error } = state;
    expectThat(
      last !== undefined && this.#isRefused(last, error.code),
      () => `O17: ${client} is said to need a token since its own is ${why}, and nobody has refused that`,
    );
    expectThat(
      why !== 'revoked' || isShared || this.#accepted.has(last!),
      () => `O17: the token of ${client} is said to be revoked, and nobody has ever accepted it`,
    );
  }

  #isRefused(token: string, code: ErrorCode): boolean {
    if (this.#refused.get(token)?.has(code)) return true;
    return code === 'token_expired' && (this.#accepted.get(token) ?? Infinity) <= this.#now();
  }
}
