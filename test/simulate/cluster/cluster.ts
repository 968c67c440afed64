// One run's cluster: machines that know of each other, the network between them, and clients spread over them; all of it from one
// seed.
import { compareLives } from '@syncline/server/core/visit.ts';
import type { Notice } from '@syncline/server/port/observe.ts';
import { documentName } from '@syncline/shared';
import { SeededRandom } from '../../support/random.ts';
import { NativeClient } from '../client/native-client.ts';
import { Device } from '../world/device.ts';
import { StockClient } from '../client/stock-client.ts';
import type { ClientSurroundings, SimulatedClient } from '../client/surroundings.ts';
import { Authors } from '../oracle/authors.ts';
import { Claims } from '../oracle/claims.ts';
import { Histories, type Step } from '../oracle/history.ts';
import { Holders } from '../oracle/holders.ts';
import { latestLife, Lives } from '../oracle/lives.ts';
import { PeerWiretap } from '../oracle/peer-wiretap.ts';
import { Statuses } from '../oracle/statuses.ts';
import type { DiskSettings } from '../world/disk.ts';
import { ClientIds } from '../world/client-ids.ts';
import { Machine, type Witness } from '../world/machine.ts';
import { RarePaths } from '../world/rare-paths.ts';
import { Schedule } from '../world/schedule.ts';
import { simulatedSecret } from '../world/simulated-secret.ts';
import { Trace } from '../world/trace.ts';
import { dialedBy } from './dialed-by.ts';
import { drawLimits } from './draw-limits.ts';
import { PeerNetwork } from './peer-network.ts';
import { type Moves, Place } from './place.ts';
import { type Edge, edgesOf, machineCount, type Topology, topologies } from './topology.ts';

const documentNames = ['notes', 'plan', 'minutes', 'budget', 'agenda', 'diary', 'log', 'list'] as const;
/** How far a wall clock may be from the others at the start. */
const maxSkewMs = 10_000;
const digestKeyBytes = 16;

export interface Member {
  readonly client: SimulatedClient;
  readonly place: Place;
}

export class Cluster {
  readonly random: SeededRandom;
  readonly schedule: Schedule;
  readonly trace: Trace;
  readonly paths = new RarePaths();
  readonly authors = new Authors();
  readonly topology: Topology;
  readonly edges: readonly Edge[];
  readonly machines: readonly Machine[];
  readonly network: PeerNetwork;
  readonly names: readonly string[];
  /** Whether documents are deleted. */
  readonly isOperated: boolean;
  readonly members: readonly Member[];
  readonly claims: Claims;
  readonly wiretap: PeerWiretap;
  readonly statuses: Statuses;
  /** By machine, how far its wall clock is from the time that has passed. */
  readonly skewMs = new Map<string, number>();
  /** The first thing that must not happen and did. */
  failure: unknown;
  readonly #histories: Histories;
  readonly #holders = new Holders(() => [...this.machines, ...this.#copies]);
  readonly #lives = new Lives(this.authors, this.paths);
  readonly #clientIds: ClientIds;
  readonly #digestKey: Uint8Array;
  /** Machines that run with the identity of another one. */
  #wasStuck = false;
  readonly #copies: Machine[] = [];

  constructor(seed: number, print?: (line: string) => void) {
    const random = (this.random = new SeededRandom(seed));
    drawLimits(random);
    this.#clientIds = new ClientIds(random);
    this.#digestKey = Uint8Array.from({ length: digestKeyBytes }, () => random.below(256));
    this.schedule = new Schedule(random);
    this.trace = new Trace(() => this.schedule.now(), print);
    this.#histories = new Histories(() => this.schedule.now());
    this.claims = new Claims(this.#histories, (step) => this.#hasEnded(step));
    this.wiretap = new PeerWiretap(this.claims, this.paths);
    this.network = new PeerNetwork(this.schedule, random, (name) => this.machine(name));
    this.topology = random.pick(topologies);
    const count = machineCount(this.topology, random);
    this.edges = edgesOf(this.topology, count);
    this.names = documentNames.slice(0, 1 + random.below(documentNames.length));
    this.isOperated = random.oneIn(2);
    this.machines = this.#machinesOf(count);
    this.statuses = this.#statusesOf();
    this.members = this.#membersOf(seed);
    this.trace.note(`a ${this.topology} of ${count}`);
    for (const machine of this.machines) machine.boot();
  }

  /** Whether there is no use in going on. */
  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  get clients(): readonly SimulatedClient[] {
    return this.members.map(({ client }) => client);
  }

  machine(name: string): Machine {
    const machine = [...this.machines, ...this.#copies].find((each) => each.name === name);
    if (!machine) throw new Error(`there is no machine ${name}`);
    return machine;
  }

  /** The document of that name as each machine has stored it. */
  stored(name: string) {
    return this.machines.map(({ disk }) => disk.find(documentName(name)));
  }

  /** Starts a machine with a copy of another one's disk, its identity included; it dials whom the other one knows, or anybody. */
  copy(original: Machine): Machine {
    const number = this.machines.indexOf(original);
    const known = this.random.oneIn(2)
      ? this.edges.filter((edge) => edge.includes(number)).flat()
      : [this.random.below(this.machines.length)];
    const peers = [...new Set(known)].filter((each) => each !== number).map(nameOf);
    const { replica, durability } = original.disk;
    const copy = this.#machine(copyOf(original.name), peers, { replica, durability });
    this.#copies.push(copy);
    copy.putBack(original.disk.image());
    copy.boot();
    return copy;
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

  #machinesOf(count: number): Machine[] {
    const { random } = this;
    const dialed = dialedBy(this.edges, random);
    return Array.from({ length: count }, (_, number) => {
      const peers = (dialed.get(number) ?? []).map(nameOf);
      return this.#machine(nameOf(number), peers, { durability: random.pick(['full', 'normal']) });
    });
  }

  #machine(name: string, peers: readonly string[], disk: Partial<DiskSettings>): Machine {
    this.skewMs.set(name, this.random.below(maxSkewMs));
    return new Machine(
      {
        name,
        disk: { ...disk, digestKey: this.#digestKey },
        membership: {
          secret: simulatedSecret(this.random),
          peers,
          wallClock: () => this.schedule.now() + this.skewMs.get(name)!,
          dial: (_process, to, dialing) => this.network.dial(this.machine(name), to, dialing),
        },
        witness: this.#witness(),
      },
      {
        schedule: this.schedule,
        random: this.random,
        trace: this.trace,
        paths: this.paths,
        authors: this.authors,
        fail: (error) => this.fail(error),
        isUnheardOf: (notice) => this.#isUnheardOf(notice),
      },
    );
  }

  #witness(): Witness {
    const { wiretap, network, random } = this;
    const histories = this.#histories;
    const lives = this.#lives;
    return {
      started: (machine) => this.statuses.watch(machine),
      begins: (machine, epoch) => histories.begins(machine, epoch),
      committed: (machine, stored, change) => {
        histories.committed(machine, stored, change);
        lives.committed(machine.name, stored, change);
      },
      putBack: (machine) => {
        histories.putBack(machine);
        lives.putBack(machine.name, machine.disk.documents);
      },
      ended: (machine) => {
        for (const link of network.links) {
          if (!link.isOf(machine.name)) continue;
          // A process that ends closes its sockets, a machine does not.
          if (random.oneIn(4)) link.halve();
          else link.cut();
        }
      },
      tells: (machine, sending) => wiretap.tells(machine, this.machine(sending.to), sending),
    };
  }

  #statusesOf(): Statuses {
    return new Statuses({
      now: () => this.schedule.now(),
      machines: this.machines,
      isCopied: ({ name }) => this.#copies.some((copy) => copy.server && copy.name === copyOf(name)),
      paths: this.paths,
      fail: (error) => this.fail(error),
    });
  }

  /** Whether nothing has happened of which there could be such a notice. */
  #isUnheardOf(notice: Notice): boolean {
    if (notice.event === 'duplicate-replica') return this.#copies.length === 0;
    // What push and feed got wrong: but for a document that could not be taken in, which an audit may come upon first.
    if (notice.event === 'document-stuck') this.#wasStuck = true;
    if (notice.event === 'audit-repaired') return !this.#wasStuck;
    return notice.event === 'regression' && notice.side === 'here';
  }

  /** Whether a document has come to a later life than it had at an entry. */
  #hasEnded({ document, life }: Step): boolean {
    const latest = latestLife(this.stored(document));
    return latest !== undefined && compareLives(latest, life) > 0;
  }

  #membersOf(seed: number): Member[] {
    const { random, names } = this;
    const failingOver = this.#failingOver(seed);
    const natives = Array.from({ length: 2 + random.below(3) }, (_, index) =>
      this.#member(failingOver() ?? this.#oftenRoams(), (surroundings, place) => {
        const opened = random.shuffle(names).slice(0, 1 + random.below(names.length));
        const device = this.#deviceOf(seed, index);
        const urls = place.urls();
        return new NativeClient({ name: `native ${index}`, names: opened, device, urls }, surroundings);
      }),
    );
    const stocks = Array.from({ length: random.below(3) }, (_, index) =>
      // A stock client cannot say of which incarnation it has something: elsewhere that may be another one.
      this.#member(this.isOperated ? 'never' : this.#oftenRoams(), (surroundings) => {
        const document = random.pick(names);
        // Drawn apart: runs without such clients stay as they are.
        const isOld = this.isOperated && new SeededRandom(seed + index).pick([false, true]);
        return new StockClient({ name: `stock ${index}`, document, isOld }, surroundings);
      }),
    );
    return [...natives, ...stocks];
  }

  /** In some runs some clients know of several machines. Drawn apart: runs without such clients stay as they are. */
  #failingOver(seed: number): () => Moves | undefined {
    const random = new SeededRandom(seed * 8 + 6);
    const isOn = random.oneIn(3);
    return () => (isOn && random.oneIn(2) ? 'fails over' : undefined);
  }

  /** Where documents are deleted, a client that ends before it has kept of which incarnation it heard would not know. */
  #deviceOf(seed: number, index: number): Device | undefined {
    const random = new SeededRandom(seed * 8 + index);
    return !this.isOperated && random.oneIn(2) ? new Device(random) : undefined;
  }

  #oftenRoams(): Moves {
    return this.random.oneIn(2) ? 'roams' : 'never';
  }

  #member(moves: Moves, make: (surroundings: ClientSurroundings, place: Place) => SimulatedClient): Member {
    const { random, schedule, authors, trace, paths } = this;
    const place = new Place(this.machines, moves, { random, paths });
    const surroundings: ClientSurroundings = {
      schedule,
      network: place,
      random,
      authors,
      get truth() {
        return place.answered.truth;
      },
      welcomed: () => place.welcomed(),
      holders: moves === 'fails over' && !this.isOperated ? this.#holders : undefined,
      trace,
      paths,
      hasUntold: () => place.answered.server?.journal.hasUntold ?? false,
      newClientId: () => this.#clientIds.draw(),
      fail: (error) => this.fail(error),
    };
    return { client: make(surroundings, place), place };
  }
}

function nameOf(number: number): string {
  return 'abcde'[number]!;
}

function copyOf(name: string): string {
  return `${name} again`;
}
