// One machine: a disk, and a server that comes and goes on it. It can be killed, drained, put back to a backup, or lose its power.
import { crc32 } from 'node:zlib';
import { maxQueuedBytes } from '@syncline/server/core/limits.ts';
import { CorruptRow, type Sequence } from '@syncline/server/port/journal.ts';
import { replicaPath } from '@syncline/server/socket/sockets.ts';
import type { Notice } from '@syncline/server/port/observe.ts';
import type { SeededRandom } from '../../support/random.ts';
import type { Authors } from '../oracle/authors.ts';
import { Truth } from '../oracle/truth.ts';
import { expectThat } from '../oracle/violation.ts';
import { Wiretap } from '../oracle/wiretap.ts';
import { Disk, type DiskChange, type DiskSettings, type Image, type StoredDocument } from './disk.ts';
import { Faults } from './faults.ts';
import { type Identify, judgeNobody } from './judge.ts';
import { Network } from './network.ts';
import type { RarePaths } from './rare-paths.ts';
import type { Schedule } from './schedule.ts';
import { type Membership, type Sending, ServerProcess } from './server-process.ts';
import type { Trace } from './trace.ts';

/** What the machines of a run have in common. */
export interface MachineSurroundings {
  readonly schedule: Schedule;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly paths: RarePaths;
  readonly authors: Authors;
  readonly fail: (error: unknown) => void;
  readonly isUnheardOf?: ((notice: Notice) => boolean) | undefined;
}

export interface MachineSettings {
  readonly name: string;
  readonly disk?: Partial<Pick<DiskSettings, 'durability' | 'digestKey' | 'replica'>>;
  readonly membership: Membership;
  /** Of a server that starts: for each of its sessions. Without it everybody is let in. */
  readonly judge?: () => () => Identify;
  readonly witness?: Witness;
}

/** Whoever follows what happens at a machine of a cluster. */
export interface Witness {
  /** A server has been started. */
  started(machine: Machine): void;
  /** An epoch begins. */
  begins(machine: Machine, epoch: Uint8Array): void;
  committed(machine: Machine, stored: StoredDocument, change: DiskChange): void;
  putBack(machine: Machine): void;
  ended(machine: Machine): void;
  /** Something is said to another machine. Gives it in words. */
  tells(machine: Machine, sending: Sending): string;
}

/** Of so many commits the state that they left can be put back. */
const keptImages = 16;

/** As long as a supervisor waits before it starts a process again that has not come up. */
const startAgainMs = 1_000;

export class Machine {
  readonly name: string;
  readonly disk: Disk;
  readonly truth: Truth;
  readonly wiretap: Wiretap;
  /** The way of its clients. */
  readonly network: Network;
  readonly faults: Faults;
  server: ServerProcess | undefined;
  readonly #settings: MachineSettings;
  readonly #surroundings: MachineSurroundings;
  #isKilledAtCommit = false;
  #isRetired = false;
  #backup: Image | undefined;
  /** As of each of the last commits, oldest first. */
  #images: Image[] = [];

  constructor(settings: MachineSettings, surroundings: MachineSurroundings) {
    const { schedule, random, authors, paths } = (this.#surroundings = surroundings);
    this.#settings = settings;
    this.name = settings.name;
    this.truth = new Truth(authors);
    this.wiretap = new Wiretap(this.truth, paths);
    this.network = new Network(schedule, random);
    this.faults = new Faults(random, this.network);
    this.disk = new Disk(random, {
      ...settings.disk,
      onChange: (stored, change) => this.#synced(stored, change),
      onEpoch: (epoch) => settings.witness?.begins(this, epoch),
    });
  }

  boot(): void {
    if (this.#isRetired) return;
    const { trace, fail } = this.#surroundings;
    for (const stored of this.disk.documents) this.#guard(() => this.truth.compare(stored));
    trace.note(`${this.name} starts`);
    const server = (this.server = new ServerProcess({
      ...this.#surroundings,
      name: this.name,
      disk: this.disk,
      manners: this.faults.manners,
      membership: this.#settings.membership,
      judge: this.#settings.judge?.() ?? judgeNobody,
      sending: (sending) => this.#guard(() => this.#tells(sending)),
    }));
    this.network.door = server;
    this.#settings.witness?.started(this);
    server.start().catch((error: unknown) => {
      if (!(error instanceof CorruptRow)) return fail(error);
      if (server === this.server) this.#startAgain();
    });
  }

  /** Ends the server as soon as it has committed something, which nobody is told then. */
  killAtCommit(): void {
    this.#isKilledAtCommit = true;
  }

  kill(): void {
    const { random, trace, paths } = this.#surroundings;
    if (!this.server) return;
    trace.note(`${this.name} is killed`);
    if (this.server.journal.hasUntold) paths.saw('crash between commit and acknowledgement');
    this.#end();
    for (const link of this.network.links) {
      // A process that ends closes its sockets, a machine does not.
      if (random.oneIn(4)) link.halve();
      else link.cut();
    }
  }

  /** Ends for good. */
  retire(): void {
    this.#isRetired = true;
    this.kill();
  }

  /** From now on nothing goes wrong that has not gone wrong already. */
  heal(): void {
    this.faults.end();
    this.network.heal();
  }

  drain(): void {
    const { server } = this;
    const { trace, paths } = this.#surroundings;
    if (!server) return;
    trace.note(`${this.name} drains`);
    void server.drain().then(() => {
      if (server !== this.server) return;
      paths.saw('drained');
      trace.note(`${this.name} has drained`);
      this.#end();
    });
  }

  /** Keeps what is on the disk, for `restore`. */
  backUp(): void {
    this.#surroundings.trace.note(`a backup of ${this.name} is made`);
    this.#backup = this.disk.image();
  }

  /** Puts the last backup back. Only without a server. Gives whether there was one. */
  restore(): boolean {
    if (!this.#backup) return false;
    this.#surroundings.trace.note(`the backup of ${this.name} is restored`);
    this.#surroundings.paths.saw('backup restored');
    this.putBack(this.#backup);
    return true;
  }

  /** Puts back a state that one of the last commits left, with everything up to a sequence and not all there is. Only without a server. */
  goBackTo(atLeast: Sequence): void {
    const { random, trace, paths } = this.#surroundings;
    const earlier = this.#images.filter(({ head }) => head >= atLeast && head < this.disk.head);
    if (earlier.length === 0) return;
    const image = random.pick(earlier);
    trace.note(`${this.name} goes back to ${image.head}`);
    paths.saw('gone back behind a position');
    this.putBack(image);
  }

  /** Puts an earlier state in the place of what is on the disk. Only without a server. */
  putBack(image: Image): void {
    this.disk.restore(image);
    this.#isPutBack();
  }

  /** Loses what was not synced. Only without a server. */
  losePower(): void {
    const { trace, paths } = this.#surroundings;
    const lost = this.disk.powerCut();
    trace.note(`${this.name} has lost ${lost} commits`);
    if (lost === 0) return;
    paths.saw('power cut that lost commits');
    this.#isPutBack();
  }

  #isPutBack(): void {
    this.#images = [];
    this.truth.restored(this.disk.documents);
    this.wiretap.restored();
    this.#settings.witness?.putBack(this);
  }

  #tells(sending: Sending): void {
    const { to, frame, path } = sending;
    const isToPeer = path === replicaPath;
    const what = isToPeer ? this.#settings.witness?.tells(this, sending) : this.wiretap.sending(sending);
    this.#surroundings.trace.note(`${this.name} to ${to}: ${what}, ${frame.length} bytes ${crc32(frame)}`);
  }

  #synced(stored: StoredDocument, change: DiskChange): void {
    const { trace, schedule } = this.#surroundings;
    trace.note(`disk of ${this.name}: ${stored.name} ${change.change} ${stored.sequence}`);
    this.#images = [...this.#images.slice(1 - keptImages), this.disk.image()];
    this.#guard(() => {
      this.truth.synced(stored, change);
      this.#settings.witness?.committed(this, stored, change);
      const queuedBytes = this.server?.documents.queuedBytes ?? 0;
      expectThat(queuedBytes <= maxQueuedBytes, () => `O4: ${queuedBytes} bytes wait for a commit`);
    });
    if (!this.#isKilledAtCommit) return;
    this.#isKilledAtCommit = false;
    schedule.after(0, () => this.kill());
  }

  #startAgain(): void {
    this.kill();
    this.#surroundings.schedule.after(startAgainMs, () => {
      if (!this.server) this.boot();
    });
  }

  #end(): void {
    this.#isKilledAtCommit = false;
    this.server?.kill();
    this.server = undefined;
    this.network.door = undefined;
    this.#settings.witness?.ended(this);
  }

  #guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#surroundings.fail(error);
    }
  }
}
