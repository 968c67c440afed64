// One run's world: a disk, a server that comes and goes, the network, and the clients; all of it from one seed.
import { crc32 } from 'node:zlib';
import { maxQueuedBytes } from '@syncline/server/core/limits.ts';
import { documentName } from '@syncline/shared';
import { SeededRandom } from '../../support/random.ts';
import { NativeClient } from '../client/native-client.ts';
import { StockClient } from '../client/stock-client.ts';
import type { ClientSurroundings, SimulatedClient } from '../client/surroundings.ts';
import { expectThat } from '../oracle/violation.ts';
import { Truth } from '../oracle/truth.ts';
import { Wiretap } from '../oracle/wiretap.ts';
import { Disk, type DiskChange, type Image, type StoredDocument } from './disk.ts';
import { Faults } from './faults.ts';
import { Network } from './network.ts';
import { RarePaths } from './rare-paths.ts';
import { Schedule } from './schedule.ts';
import { ServerProcess } from './server-process.ts';
import { Trace } from './trace.ts';

/** Long enough for others to commit as much as a restored disk has lost. */
const longOfflineMs = 12_000;
/** Ids of one to five bytes, as tests and as yjs draw them. */
const clientIdBits = [7, 14, 32] as const;

export class World {
  readonly random: SeededRandom;
  readonly schedule: Schedule;
  readonly network: Network;
  readonly trace: Trace;
  readonly paths = new RarePaths();
  readonly truth = new Truth();
  readonly wiretap = new Wiretap(this.truth, this.paths);
  readonly faults: Faults;
  readonly disk: Disk;
  readonly names: readonly string[];
  readonly clients: readonly SimulatedClient[];
  /** The first thing that must not happen and did. */
  failure: unknown;
  server: ServerProcess | undefined;
  readonly #clientIds = new Set<number>();
  #isKilledAtCommit = false;
  #backup: Image | undefined;

  constructor(seed: number, print?: (line: string) => void) {
    const random = (this.random = new SeededRandom(seed));
    this.schedule = new Schedule(random);
    this.trace = new Trace(() => this.schedule.now(), print);
    this.network = new Network(this.schedule, random);
    this.faults = new Faults(random, this.network);
    this.disk = new Disk(random, (stored, change) => this.#synced(stored, change));
    this.names = ['notes', 'plan', 'minutes'].slice(0, random.pick([1, 1, 2, 3]));
    this.clients = this.#clientsOf(random);
    this.boot();
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

  boot(): void {
    for (const stored of this.disk.documents) this.guard(() => this.truth.compare(stored));
    this.server = new ServerProcess({
      schedule: this.schedule,
      disk: this.disk,
      trace: this.trace,
      paths: this.paths,
      manners: this.faults.manners,
      sending: (sending) =>
        this.guard(() => {
          const what = this.wiretap.sending(sending);
          this.trace.note(`to ${sending.to}: ${what}, ${sending.frame.length} bytes ${crc32(sending.frame)}`);
        }),
      fail: (error) => this.fail(error),
    });
    this.network.door = this.server;
    this.trace.note('the server starts');
  }

  /** Ends the server as soon as it has committed something, which nobody is told then. */
  killAtCommit(): void {
    this.#isKilledAtCommit = true;
  }

  /** Keeps what is on the disk, for `restore`. */
  backUp(): void {
    this.trace.note('a backup is made');
    this.#backup = this.disk.image();
  }

  /** Puts the last backup back, if there is one. Only without a server. */
  restore(): void {
    if (!this.#backup) return;
    this.trace.note('the backup is restored');
    this.paths.saw('backup restored');
    this.disk.restore(this.#backup);
    this.truth.restored(this.disk.documents);
    this.wiretap.restored();
    // Some come back when others have gone on from there.
    this.random.pick(this.clients).goOffline(longOfflineMs);
  }

  kill(): void {
    if (!this.server) return;
    this.trace.note('the server is killed');
    if (this.clients.some((client) => client instanceof NativeClient && client.hasUnacknowledged)) {
      this.paths.saw('crash with unacknowledged batches');
    }
    if (this.server.journal.hasUntold) this.paths.saw('crash between commit and acknowledgement');
    this.#end();
    for (const link of this.network.links) {
      // A process that ends closes its sockets, a machine does not.
      if (this.random.oneIn(4)) link.halve();
      else link.cut();
    }
  }

  drain(): void {
    const { server } = this;
    if (!server) return;
    this.trace.note('the server drains');
    void server.drain().then(() => {
      if (server !== this.server) return;
      this.paths.saw('drained');
      this.trace.note('the server has drained');
      this.#end();
    });
  }

  /** The document of that name as it is stored. */
  stored(name: string) {
    return this.disk.find(documentName(name));
  }

  #synced(stored: StoredDocument, change: DiskChange): void {
    this.trace.note(`disk: ${stored.name} ${change.change} ${stored.sequence}`);
    this.guard(() => {
      this.truth.synced(stored, change);
      const queuedBytes = this.server?.documents.queuedBytes ?? 0;
      expectThat(queuedBytes <= maxQueuedBytes, () => `O4: ${queuedBytes} bytes wait for a commit`);
    });
    if (!this.#isKilledAtCommit) return;
    this.#isKilledAtCommit = false;
    this.schedule.after(0, () => this.kill());
  }

  #end(): void {
    this.#isKilledAtCommit = false;
    this.server?.kill();
    this.server = undefined;
    this.network.door = undefined;
  }

  #clientsOf(random: SeededRandom): SimulatedClient[] {
    const surroundings: ClientSurroundings = {
      schedule: this.schedule,
      network: this.network,
      random,
      truth: this.truth,
      trace: this.trace,
      paths: this.paths,
      hasUntold: () => this.server?.journal.hasUntold ?? false,
      newClientId: () => this.#newClientId(),
      fail: (error) => this.fail(error),
    };
    const natives = Array.from({ length: 2 + random.below(3) }, (_, index) => {
      const names = random.shuffle(this.names).slice(0, 1 + random.below(this.names.length));
      return new NativeClient(`native ${index}`, names, surroundings);
    });
    const stocks = Array.from(
      { length: random.below(3) },
      (_, index) => new StockClient(`stock ${index}`, random.pick(this.names), surroundings),
    );
    return [...natives, ...stocks];
  }

  #newClientId(): number {
    for (;;) {
      const id = this.random.word() >>> (32 - this.random.pick(clientIdBits));
      if (this.#clientIds.has(id)) continue;
      this.#clientIds.add(id);
      return id;
    }
  }
}
