// Where a client is served: by one machine for good, by one after another if it roams, or by the next of several that it knows of when
// one does not answer.
import type { SocketListener } from '@syncline/client/sync/platform.ts';
import type { SeededRandom } from '../../support/random.ts';
import type { Machine } from '../world/machine.ts';
import type { Link, Network, Station } from '../world/network.ts';
import type { RarePaths } from '../world/rare-paths.ts';
import { nativePath } from '../world/server-process.ts';

/** A client that roams is sent to another machine with one connection in so many. */
const movesTimes = 3;

/** How a client gets to others than its first. */
export type Moves = 'never' | 'roams' | 'fails over';

interface PlaceSurroundings {
  readonly random: SeededRandom;
  readonly paths: RarePaths;
}

export class Place implements Pick<Network, 'connect' | 'links'> {
  readonly #machines: readonly Machine[];
  readonly #random: SeededRandom;
  readonly #paths: RarePaths;
  readonly #first: Machine;
  /** Whether a machine has answered. */
  #isKnown = false;
  #answered: Machine;
  moves: Moves;
  /** To which the last connection leads. */
  machine: Machine;

  constructor(machines: readonly Machine[], moves: Moves, { random, paths }: PlaceSurroundings) {
    this.#machines = machines;
    this.#random = random;
    this.#paths = paths;
    this.moves = moves;
    this.machine = this.#first = this.#answered = random.pick(machines);
  }

  /** Which has let the client in last: what a server is said to have done, it has done. */
  get answered(): Machine {
    return this.#answered;
  }

  get links(): readonly Link[] {
    return this.#machines.flatMap(({ network }) => network.links);
  }

  /** Of which the client is to know; the first one is that of the place. */
  urls(): readonly string[] {
    if (this.moves !== 'fails over') return [nativePath];
    const others = this.#random.shuffle(this.#machines.filter((machine) => machine !== this.#first));
    const known = others.slice(0, 1 + this.#random.below(others.length));
    return [this.#first, ...known].map(urlOf);
  }

  connect(from: Station, url: string, listener: SocketListener): Link {
    const named = this.#machines.find((machine) => urlOf(machine) === url);
    if (named) this.machine = named;
    else if (this.moves === 'roams' && this.#random.oneIn(movesTimes))
      this.machine = this.#random.pick(this.#machines);
    return this.machine.network.connect(from, named ? nativePath : url, listener);
  }

  /** The client has been let in. */
  welcomed(): void {
    const before = this.#answered;
    this.#answered = this.machine;
    if (this.moves === 'fails over' && this.#isKnown && before !== this.machine) {
      this.#paths.saw('failed over');
      if (this.machine === this.#first) this.#paths.saw('came back to the first');
    }
    this.#isKnown = true;
  }

  /** The next connection leads there. */
  moveTo(machine: Machine): void {
    this.machine = machine;
  }
}

function urlOf({ name }: Machine): string {
  return `${name}${nativePath}`;
}
