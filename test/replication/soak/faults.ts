// What is done to the cluster, drawn from the seed: a replica is cut off, one link is cut, a process is killed, a folder is put back to an
// earlier copy. Everything is made good again, and the next begins when all are linked.
import Database from 'better-sqlite3';
import type { SeededRandom } from '../../support/random.ts';
import type { Replica } from '../../support/replica.ts';
import { statusOf } from '../../support/scrape.ts';
import { temporaryFolder } from '../../support/server.ts';
import { databaseFile } from '../../support/stored-updates.ts';
import { until } from '../../support/until.ts';
import type { Crowd } from './crowd.ts';
import { type Dial, LagWatch } from './lag.ts';
import { type Name, names, type Network } from './network.ts';

/** What happened, for the report. */
export interface Happened {
  readonly atSeconds: number;
  readonly what: string;
}

/** How long a replica is cut off before its lag has been watched, once the others know. */
const watchedMs = 12_000;
const linkedAgainMs = 60_000;

export class Faults implements AsyncDisposable {
  readonly happened: Happened[] = [];
  readonly dials: Dial[] = [];
  /** Documents that were acknowledged by a replica which was put back, and were in no other place then. */
  readonly lost = new Set<string>();
  readonly #network: Network;
  readonly #random: SeededRandom;
  readonly #crowd: Crowd;
  readonly #copies = new Map<string, ReturnType<typeof temporaryFolder>>();
  readonly #beganMs = performance.now();

  constructor(network: Network, random: SeededRandom, crowd: Crowd) {
    this.#network = network;
    this.#random = random;
    this.#crowd = crowd;
  }

  /** Copies every folder as it is now. */
  async copy(): Promise<void> {
    for (const replica of this.#network.replicas) {
      this.#copies.get(replica.name)?.[Symbol.dispose]();
      const folder = temporaryFolder();
      this.#copies.set(replica.name, folder);
      await replica.backup(folder.path);
    }
    this.#tell('a copy is made of every folder');
  }

  /** Everything once, in an order of its own. */
  async round(): Promise<void> {
    const faults = [
      () => this.#cutOff(),
      () => this.#cutOne(),
      () => this.#kill(),
      () => this.#restore(true),
    ];
    if (this.#random.oneIn(2)) faults.push(() => this.#restore(false));
    for (const fault of this.#random.shuffle(faults)) {
      await fault();
      await this.linked();
    }
  }

  async linked(): Promise<void> {
    await until('all are linked', () => this.#areLinked(), linkedAgainMs);
    this.#tell('all are linked');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const folder of this.#copies.values()) folder[Symbol.dispose]();
  }

  async #cutOff(): Promise<void> {
    const alone = this.#random.pick(this.#network.replicas);
    this.#tell(`${alone.name} is cut off`);
    await this.#isolate(alone, 'cut');
    const watch = new LagWatch(alone, this.#others(alone));
    await passed(this.#network.noticedWithinMs + watchedMs);
    this.dials.push(...(await watch.end()));
    await this.#isolate(alone, 'heal');
  }

  async #cutOne(): Promise<void> {
    const [one, other] = this.#random.shuffle(names) as [Name, Name];
    this.#tell(`the link between ${one} and ${other} is cut`);
    await this.#network.cut(one, other);
    await passed(this.#network.noticedWithinMs / 2 + this.#random.below(10_000));
    await this.#network.heal(one, other);
  }

  async #kill(): Promise<void> {
    const replica = this.#random.pick(this.#network.replicas);
    this.#tell(`${replica.name} is killed`);
    await replica.end('SIGKILL');
    await passed(this.#random.below(5_000));
    await replica.start();
  }

  /** With `isAlone`, what it has acknowledged last is nowhere else when it is killed. */
  async #restore(isAlone: boolean): Promise<void> {
    const replica = this.#random.pick(this.#network.replicas);
    if (isAlone) {
      await this.#isolate(replica, 'cut');
      await passed(5_000);
    }
    await replica.end('SIGKILL');
    // What it has acknowledged at the last moment is known to whoever waited for it.
    await this.#crowd.nobodyLeaves();
    const lost = this.#notElsewhere(replica);
    for (const document of lost) this.lost.add(document);
    const alone = isAlone ? ', after five seconds without a link' : '';
    this.#tell(
      `${replica.name} is killed and put back to its copy${alone}: ${lost.length} documents were nowhere else`,
    );
    await replica.restore(this.#copies.get(replica.name)!.path);
    if (isAlone) await this.#isolate(replica, 'heal');
    await replica.start();
  }

  /** Documents that this replica has acknowledged, and that neither its copy nor another replica has on its disk. */
  #notElsewhere(replica: Replica): string[] {
    const folders = this.#others(replica).map(({ data }) => data);
    const there = new Set([this.#copies.get(replica.name)!.path, ...folders].flatMap(documentsIn));
    const acknowledged = this.#crowd.acknowledgedBy(replica.name);
    return acknowledged.filter((document) => !there.has(document) && !this.lost.has(document));
  }

  #others(replica: Replica): Replica[] {
    return this.#network.replicas.filter((other) => other !== replica);
  }

  async #isolate(replica: Replica, how: 'cut' | 'heal'): Promise<void> {
    for (const other of this.#others(replica))
      await this.#network[how](replica.name as Name, other.name as Name);
  }

  async #areLinked(): Promise<boolean> {
    const statuses = await Promise.all(this.#network.replicas.map(({ server }) => statusOf(server)));
    return statuses.every(({ links }) => links.length >= 2 && links.every(({ state }) => state === 'live'));
  }

  #tell(what: string): void {
    const atSeconds = (performance.now() - this.#beganMs) / 1_000;
    this.happened.push({ atSeconds, what });
    console.error(`${atSeconds.toFixed(1).padStart(6)} s  ${what}`);
  }
}

function documentsIn(folder: string): string[] {
  const database = new Database(databaseFile(folder), { readonly: true });
  try {
    return database.prepare<[], string>('SELECT name FROM document').pluck().all();
  } finally {
    database.close();
  }
}

/** A fault lasts as long as it lasts. */
function passed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
