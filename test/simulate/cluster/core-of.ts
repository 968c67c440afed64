// The part of a cluster that has to settle while something beside it stays broken.
import type { Machine } from '../world/machine.ts';
import type { Cluster } from './cluster.ts';
import { isConnected } from './topology.ts';

export interface Core {
  readonly machines: readonly Machine[];
  /** The one that comes and goes. */
  readonly unsteady: Machine;
  /** What the first says does not reach the second. */
  readonly deaf: readonly [string, string];
}

/** Undefined if nothing can be broken for good without parting the rest. */
export function coreOf({ machines, edges, random }: Cluster): Core | undefined {
  const numbers = machines.map((_, number) => number);
  for (const unsteady of random.shuffle(numbers)) {
    const rest = numbers.filter((number) => number !== unsteady);
    if (rest.length < 2 || !isConnected(rest, edges)) continue;
    const needless = edges.filter(
      (edge) =>
        !edge.includes(unsteady) &&
        isConnected(
          rest,
          edges.filter((each) => each !== edge),
        ),
    );
    const outer = edges.filter((edge) => edge.includes(unsteady));
    const deaf = random.shuffle(random.pick(needless.length > 0 ? needless : outer));
    return {
      machines: rest.map((number) => machines[number]!),
      unsteady: machines[unsteady]!,
      deaf: [machines[deaf[0]!]!.name, machines[deaf[1]!]!.name],
    };
  }
  return undefined;
}

/** Which client has not gone over to the core, though it cannot reach the machine that comes and goes. */
export function whyNotMoved({ members }: Cluster, { unsteady }: Core): string | undefined {
  const stays = members.find(({ place }) => place.moves === 'fails over' && place.answered === unsteady);
  return stays && `${stays.client.name} has not left ${unsteady.name}`;
}

const maxUpMs = 8_000;
const maxDownMs = 4_000;

/** A machine that is killed and started, again and again. */
export class Flapping {
  readonly #cluster: Cluster;
  readonly #machine: Machine;
  #isOver = false;

  constructor(cluster: Cluster, machine: Machine) {
    this.#cluster = cluster;
    this.#machine = machine;
    this.#flap();
  }

  /** From now on it stays up. */
  end(): void {
    this.#isOver = true;
    if (!this.#machine.server) this.#machine.boot();
  }

  #flap(): void {
    if (this.#isOver) return;
    const { schedule, random } = this.#cluster;
    const machine = this.#machine;
    if (machine.server) machine.kill();
    else machine.boot();
    schedule.after(random.below(machine.server ? maxUpMs : maxDownMs), () => this.#flap());
  }
}
