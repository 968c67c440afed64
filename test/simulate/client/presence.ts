// Who is present in a document as one client sees it, and what it says of itself: what an awareness does, in virtual time.
import type { PresenceEntry } from '@syncline/shared';

/** As often as stock clients do it. */
export const renewMs = 15_000;

const here = new TextEncoder().encode('{"here":true}');

export class PresenceView {
  readonly client: number;
  readonly #say: (entry: PresenceEntry) => void;
  readonly #others = new Map<number, { clock: number; isPresent: boolean }>();
  #clock = 0;
  #isPresent = false;

  constructor(client: number, say: (entry: PresenceEntry) => void) {
    this.client = client;
    this.#say = say;
  }

  /** The others of whom the last that was heard is that they are there. */
  get others(): number[] {
    return [...this.#others].filter(([, { isPresent }]) => isPresent).map(([client]) => client);
  }

  /** On a new connection it is told who is there; those who left meanwhile would be timed out. */
  forget(): void {
    this.#others.clear();
  }

  appear(): void {
    this.#isPresent = true;
    this.renew();
  }

  leave(): void {
    if (!this.#isPresent) return;
    this.#isPresent = false;
    this.#say({ client: this.client, clock: ++this.#clock, state: undefined });
  }

  renew(): void {
    if (this.#isPresent) this.#say({ client: this.client, clock: ++this.#clock, state: here });
  }

  /** As it was said last, for a connection that begins. */
  again(): void {
    if (this.#isPresent) this.#say({ client: this.client, clock: this.#clock, state: here });
  }

  heard(entries: readonly PresenceEntry[]): void {
    for (const { client, clock, state } of entries) {
      if (client === this.client) {
        // Somebody takes it for gone.
        if (this.#isPresent && !state && clock >= this.#clock) {
          this.#clock = clock;
          this.renew();
        }
        continue;
      }
      const known = this.#others.get(client);
      const isNews = !known || clock > known.clock || (clock === known.clock && !state);
      if (isNews) this.#others.set(client, { clock, isPresent: state !== undefined });
    }
  }
}
