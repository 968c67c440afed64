// Whoever gives tokens to the users of an app: signs them by its own clock, with a key that changes at times.
import { hmac, jwt } from '../../support/tokens.ts';

const keyBytes = 32;

interface Claims {
  readonly subject: string;
  readonly may: 'read' | 'write';
  /** Below 0 where it is over already. */
  readonly validForMs: number;
}

export class Issuer {
  readonly #now: () => number;
  #keys = 1;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** With which tokens are signed now; a server that starts takes it over. */
  get key(): Uint8Array {
    return new Uint8Array(keyBytes).fill(this.#keys);
  }

  /** From now on others are signed, and those that were are no good at a server that has heard of it. */
  rotate(): void {
    this.#keys++;
  }

  sign({ subject, may, validForMs }: Claims): string {
    const exp = (this.#now() + validForMs) / 1_000;
    return jwt(hmac, { sub: subject, grants: [{ documents: '**', may }], exp }, this.key);
  }
}
