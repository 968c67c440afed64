// What goes wrong in a run, and how the disk and the engine behave meanwhile: drawn from the seed.
import type { Task } from '@syncline/server/engine/yjs/tasks.ts';
import type { SeededRandom } from '../../support/random.ts';
import type { Network } from './network.ts';
import type { ServerSurroundings } from './server-process.ts';

/** How long a fault that ends by itself lasts, at least and at most. */
const minFaultMs = 500;
const maxFaultMs = 6_000;
/** Most links are as they are when nothing is wrong. */
const slowWeight = 512;

export class Faults {
  readonly manners: ServerSurroundings['manners'];
  readonly #random: SeededRandom;
  readonly #network: Network;
  #failsUntilMs = 0;
  #stallsUntilMs = 0;
  #areOver = false;

  constructor(random: SeededRandom, network: Network) {
    this.#random = random;
    this.#network = network;
    this.manners = {
      gatherMs: () => random.below(6),
      writeMs: () => (this.#now < this.#stallsUntilMs ? 300 + random.below(2_000) : 1 + random.below(12)),
      tellMs: () => random.below(4),
      readMs: () => (this.#isRare(30) ? 400 : random.below(12)),
      failsNow: (kind) => this.#now < this.#failsUntilMs || this.#isRare(kind === 'commit' ? 100 : 5),
      isUnreadable: () => this.#isRare(200),
      // A compaction takes long enough for a document to be worked on meanwhile.
      taskMs: ({ kind }: Task) => (kind === 'compact' ? random.below(3_000) : 2 + random.below(60)),
      isCostly: ({ kind }: Task) => (kind === 'compact' || kind === 'diff') && this.#isRare(5),
      identifyMs: () => random.below(20),
    };
  }

  /** Lets something go wrong with the disk or with a link; gives what. */
  strike(): string {
    const random = this.#random;
    const lastsMs = minFaultMs + random.below(maxFaultMs - minFaultMs);
    const kind = random.below(10);
    if (kind < 1) {
      this.#failsUntilMs = this.#now + lastsMs;
      return `the disk fails for ${lastsMs} ms`;
    }
    if (kind < 2) {
      this.#stallsUntilMs = this.#now + lastsMs;
      return `the disk stalls for ${lastsMs} ms`;
    }
    const links = this.#network.links.filter(({ isOpen }) => isOpen);
    if (links.length === 0) return 'nothing';
    const link = random.pick(links);
    if (kind < 5) {
      link.cut();
      return `the link of ${link.from.name} is cut`;
    }
    if (kind < 7) {
      link.halve();
      return `the link of ${link.from.name} is half-open`;
    }
    const before = link.down.quality;
    link.down.quality = { ...before, bytesPerMs: 0.2 + random.below(20) / 10, weight: slowWeight };
    this.#network.schedule.after(lastsMs * 2, () => (link.down.quality = before));
    return `the link of ${link.from.name} is slow for ${lastsMs * 2} ms`;
  }

  /** From now on nothing goes wrong that has not gone wrong already. */
  end(): void {
    this.#areOver = true;
    this.#failsUntilMs = this.#stallsUntilMs = 0;
  }

  get #now(): number {
    return this.#network.schedule.now();
  }

  #isRare(times: number): boolean {
    return !this.#areOver && this.#random.oneIn(times);
  }
}
