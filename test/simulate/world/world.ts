// One run's world: a machine with its server, the network, and the clients; all of it from one seed.
import { documentName } from '@syncline/shared';
import { SeededRandom } from '../../support/random.ts';
import { Browser } from '../client/browser.ts';
import { NativeClient, type NativeClientSettings } from '../client/native-client.ts';
import { StockClient } from '../client/stock-client.ts';
import type { ClientSurroundings, SimulatedClient } from '../client/surroundings.ts';
import { Authors } from '../oracle/authors.ts';
import { ClientIds } from './client-ids.ts';
import { Device } from './device.ts';
import { Machine } from './machine.ts';
import { Origin } from './origin.ts';
import { RarePaths } from './rare-paths.ts';
import { Schedule } from './schedule.ts';
import type { Membership } from './server-process.ts';
import { simulatedSecret } from './simulated-secret.ts';
import { Tokens } from './tokens.ts';
import { Trace } from './trace.ts';

/** Long enough for others to commit as much as a restored disk has lost. */
const longOfflineMs = 12_000;
/** How long what one tab says to another may take, or a lock. */
const maxTabDelayMs = 30;

export class World {
  readonly random: SeededRandom;
  readonly schedule: Schedule;
  readonly trace: Trace;
  readonly paths = new RarePaths();
  readonly authors = new Authors();
  readonly machine: Machine;
  readonly names: readonly string[];
  readonly clients: readonly SimulatedClient[];
  /** Where the server wants to know who everybody is. */
  readonly tokens: Tokens | undefined;
  readonly #seed: number;
  readonly #clientIds: ClientIds;
  #browser: Browser | undefined;
  /** The first thing that must not happen and did. */
  failure: unknown;

  constructor(seed: number, print?: (line: string) => void) {
    this.#seed = seed;
    const random = (this.random = new SeededRandom(seed));
    this.#clientIds = new ClientIds(random);
    this.schedule = new Schedule(random);
    this.trace = new Trace(() => this.schedule.now(), print);
    const tokens = (this.tokens = this.#tokensOf());
    const wallClock = (): number => this.schedule.now() + (tokens?.skewMs ?? 0);
    const judge = tokens && (() => tokens.judge());
    this.machine = new Machine(
      { name: 'server', membership: alone(random, wallClock), ...(judge ? { judge } : {}) },
      {
        schedule: this.schedule,
        random,
        trace: this.trace,
        paths: this.paths,
        authors: this.authors,
        fail: (error) => this.fail(error),
      },
    );
    this.names = ['notes', 'plan', 'minutes'].slice(0, random.pick([1, 1, 2, 3]));
    this.clients = this.#clientsOf(random);
    this.machine.boot();
  }

  /** Of the user who has tabs, if there is one. */
  get browser(): Browser | undefined {
    return this.#browser;
  }

  /** Whether there is no use in going on. */
  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  fail(error: unknown): void {
    this.failure ??= error;
  }

  guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Puts the last backup back, if there is one. Only without a server. */
  restore(): void {
    // Some come back when others have gone on from there.
    if (this.machine.restore()) this.random.pick(this.clients).goOffline(longOfflineMs);
  }

  kill(): void {
    if (!this.machine.server) return;
    if (this.clients.some((client) => client instanceof NativeClient && client.hasUnacknowledged)) {
      this.paths.saw('crash with unacknowledged batches');
    }
    this.machine.kill();
  }

  /** The document of that name as it is stored. */
  stored(name: string) {
    return this.machine.disk.find(documentName(name));
  }

  #clientsOf(random: SeededRandom): SimulatedClient[] {
    const { machine, schedule, authors, trace, paths } = this;
    const surroundings: ClientSurroundings = {
      schedule,
      network: machine.network,
      random,
      authors,
      truth: machine.truth,
      trace,
      paths,
      hasUntold: () => machine.server?.journal.hasUntold ?? false,
      newClientId: () => this.#clientIds.draw(),
      fail: (error) => this.fail(error),
    };
    const tabs = this.#tabsOf();
    const natives = Array.from({ length: 2 + random.below(3) }, (_, index) => {
      const names = random.shuffle(this.names).slice(0, 1 + random.below(this.names.length));
      const user = `native ${index}`;
      const login = (owner: string) =>
        this.tokens?.login({ owner, subject: user, isShared: owner !== user }, surroundings);
      if (index === 0 && tabs)
        return tabs.map((tab) => new NativeClient({ ...tab, names, login: login(tab.name) }, surroundings));
      const device = this.#deviceOf(index);
      return new NativeClient({ name: user, names, device, login: login(user) }, surroundings);
    }).flat();
    const stocks = Array.from({ length: random.below(3) }, (_, index) => {
      const document = random.pick(this.names);
      return new StockClient({ name: `stock ${index}`, document, isOld: false }, surroundings);
    });
    if (tabs) this.#browser = new Browser(natives.slice(0, tabs.length), surroundings);
    return [...natives, ...stocks];
  }

  /** Drawn apart, as all that is in some runs alone. */
  #tokensOf(): Tokens | undefined {
    const random = new SeededRandom(this.#seed * 8 + 6);
    return random.oneIn(3) ? new Tokens(this.schedule, random) : undefined;
  }

  /** In some runs the first client is a user with several tabs. */
  #tabsOf(): Omit<NativeClientSettings, 'names'>[] | undefined {
    const random = new SeededRandom(this.#seed * 8 + 5);
    if (!random.oneIn(3)) return undefined;
    const device = new Device(random);
    const origin = new Origin({
      now: () => this.schedule.now(),
      after: (delayMs, action) => this.schedule.after(delayMs, action),
      delayMs: () => 1 + random.below(maxTabDelayMs),
    });
    return Array.from({ length: 2 + random.below(2) }, (_, tab) => ({ name: `tab ${tab}`, device, origin }));
  }

  /** Drawn apart: clients without one do as they did. */
  #deviceOf(index: number): Device | undefined {
    const random = new SeededRandom(this.#seed * 8 + index);
    return random.oneIn(3) ? new Device(random) : undefined;
  }
}

function alone(random: SeededRandom, wallClock: () => number): Membership {
  return {
    secret: simulatedSecret(random),
    peers: [],
    wallClock,
    dial: () => {
      throw new Error('there is nobody to be dialed');
    },
  };
}
