// Whose the channels of a shared socket are. A number is given once: what comes late for an earlier channel reaches nobody.
import type { VirtualConnection } from './virtual-connection.ts';

interface ChannelOwner {
  readonly connection: VirtualConnection;
  /** The number by which its tab knows it. */
  readonly own: number;
}

export class ChannelNumbers {
  readonly #owners = new Map<number, ChannelOwner>();
  #next = 1;

  /** How many are open. */
  get size(): number {
    return this.#owners.size;
  }

  add(connection: VirtualConnection, own: number): number {
    const number = this.#next++;
    connection.channels.set(own, number);
    this.#owners.set(number, { connection, own });
    return number;
  }

  ownerOf(number: number): ChannelOwner | undefined {
    return this.#owners.get(number);
  }

  delete(number: number): void {
    const owner = this.#owners.get(number);
    this.#owners.delete(number);
    owner?.connection.channels.delete(owner.own);
  }
}
