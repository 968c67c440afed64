// Where a client is served: by one machine after another, if it roams.
import type { SocketListener } from '@syncline/client/sync/platform.ts';
import type { SeededRandom } from '../../support/random.ts';
import type { Machine } from '../world/machine.ts';
import type { Link, Network, Station } from '../world/network.ts';

/** A client that roams is sent to another machine with one connection in so many. */
const movesTimes = 3;

export class Place implements Pick<Network, 'connect' | 'links'> {
  readonly #machines: readonly Machine[];
  readonly #random: SeededRandom;
  /** Whether the next connection may lead elsewhere. */
  roams: boolean;
  machine: Machine;

  constructor(machines: readonly Machine[], random: SeededRandom, roams: boolean) {
    this.#machines = machines;
    this.#random = random;
    this.roams = roams;
    this.machine = random.pick(machines);
  }

  get links(): readonly Link[] {
    return this.#machines.flatMap(({ network }) => network.links);
  }

  connect(from: Station, path: string, listener: SocketListener): Link {
    if (this.roams && this.#random.oneIn(movesTimes)) this.machine = this.#random.pick(this.#machines);
    return this.machine.network.connect(from, path, listener);
  }

  /** The next connection leads there. */
  moveTo(machine: Machine): void {
    this.machine = machine;
  }
}
