// Another replica as the author of updates: known by this object, whichever connection of its epoch brings them.
import type { Author } from '../core/member.ts';
import type { Pressure } from '../core/inbox.ts';

export class PeerAuthor implements Author {
  readonly saysIncarnation = true;
  readonly #pressure: Pressure;

  constructor(pressure: Pressure) {
    this.#pressure = pressure;
  }

  queued(bytes: number): void {
    this.#pressure.queued(bytes);
  }

  settled(bytes: number): void {
    this.#pressure.settled(bytes);
  }
}
