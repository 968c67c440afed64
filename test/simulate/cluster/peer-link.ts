// The connection of two machines through the network: a socket at each end, and a way in each direction.
import { Direction, type Fate, type Packet, type Quality } from '../world/link.ts';
import type { Network } from '../world/network.ts';
import type { ServerSocket } from '../world/server-socket.ts';

export interface PeerLinkSettings {
  readonly from: string;
  readonly to: string;
  readonly quality: Quality;
  /** What becomes of a packet that one machine sends to another. */
  readonly fate: (from: string, to: string, packet: Packet) => Fate;
}

export class PeerLink {
  readonly from: string;
  readonly to: string;
  readonly #up: Direction;
  readonly #down: Direction;
  #dialing: ServerSocket | undefined;
  #accepting: ServerSocket | undefined;

  constructor(
    { from, to, quality, fate }: PeerLinkSettings,
    surroundings: Pick<Network, 'schedule' | 'random'>,
  ) {
    this.from = from;
    this.to = to;
    this.#up = new Direction(surroundings, quality, {
      deliver: (packets) => this.#accepting?.receive(packets),
      drained: () => this.#dialing?.drained(),
      fate: (packet) => fate(from, to, packet),
    });
    this.#down = new Direction(surroundings, quality, {
      deliver: (packets) => this.#dialing?.receive(packets),
      drained: () => this.#accepting?.drained(),
      fate: (packet) => fate(to, from, packet),
    });
  }

  /** Whether nothing goes through any more, or both ends have closed. */
  get isOver(): boolean {
    if (this.#up.isDead && this.#down.isDead) return true;
    return this.#dialing?.readyState === 3 && this.#accepting?.readyState === 3;
  }

  dialed(socket: ServerSocket): void {
    this.#dialing = socket;
    socket.attach(this.#up);
  }

  accepted(socket: ServerSocket): void {
    this.#accepting = socket;
    socket.attach(this.#down);
  }

  joins(one: string, other: string): boolean {
    return (this.from === one && this.to === other) || (this.from === other && this.to === one);
  }

  isOf(machine: string): boolean {
    return this.from === machine || this.to === machine;
  }

  way(from: string): Direction {
    return from === this.from ? this.#up : this.#down;
  }

  /** Both ends hear that it is over. */
  cut(): void {
    this.halve();
    this.#dialing?.cut();
    this.#accepting?.cut();
  }

  /** Neither end hears anything any more. */
  halve(): void {
    this.#up.isDead = true;
    this.#down.isDead = true;
  }
}
