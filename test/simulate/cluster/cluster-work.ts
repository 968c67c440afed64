// The time in which everybody works and things go wrong: clients act, operators delete, machines are stopped and start again, links
// break, clocks jump.
import { SyncError } from '@syncline/shared';
import { documentName } from '@syncline/shared';
import { CommitFailed, CorruptRow } from '@syncline/server/port/journal.ts';
import type { Machine } from '../world/machine.ts';
import type { Cluster, Member } from './cluster.ts';

const maxPauseMs = 2_500;
const minCalmMs = 300;
const maxCalmMs = 3_500;
const backUpWithinMs = 8_000;
const operateWithinMs = 12_000;
/** As long as an operator waits for a server that was told to stop. */
const stopWithinMs = 10_000;
const maxDownMs = 6_000;
/** Longer than it takes to find a link silent. */
const maxBrokenMs = 25_000;
const maxFrozenMs = 30_000;
const maxJumpMs = 3_600_000;
/** How often somebody asks for the status of a machine, and for an audit. */
const lookWithinMs = 6_000;
const verifyWithinMs = 40_000;
/** How often a client that knows of several machines is cut off from the one that serves it. */
const cutOffWithinMs = 15_000;
/** Longer than it takes to find out which of two is the copy. */
const maxCopiedMs = 30_000;

/** Of those that are telling what was missed one in so many is interrupted, so soon. */
const interruptedTimes = [2, 6, 30] as const;
const interruptWithinMs = 60;

const ways = ['drain', 'kill', 'kill', 'kill at commit', 'power cut'] as const;

type Way = (typeof ways)[number];

export class ClusterWork {
  readonly #cluster: Cluster;
  /** In some runs disks are put back to an earlier state. */
  readonly #isRestored: boolean;
  readonly #interruptedTimes: number;
  #isCopied = false;
  /** Machines whose disk is put back to where it was no earlier than at a sequence, before they start again. */
  readonly #goesBack = new Map<Machine, number>();
  #isOver = false;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#interruptedTimes = cluster.random.pick(interruptedTimes);
    this.#isRestored = cluster.random.oneIn(2);
  }

  begin(): void {
    for (const client of this.#cluster.clients) this.#repeat(0, maxPauseMs, () => client.act());
    this.#repeat(minCalmMs, maxCalmMs, () => this.#strike());
    if (this.#isRestored)
      this.#repeat(0, backUpWithinMs / this.#cluster.machines.length, () =>
        this.#cluster.random.pick(this.#cluster.machines).backUp(),
      );
    const { machines, statuses } = this.#cluster;
    for (const machine of machines) {
      this.#repeat(0, lookWithinMs, () => void statuses.look(machine));
      this.#repeat(0, verifyWithinMs, () => void statuses.verify(machine));
    }
    this.#cluster.wiretap.onMidway = (source, through) => this.#interrupt(source, through);
    for (const member of this.#cluster.members)
      if (member.place.moves === 'fails over')
        this.#repeat(minCalmMs, cutOffWithinMs, () => this.#cutOff(member));
    if (this.#cluster.isOperated) this.#repeat(minCalmMs, operateWithinMs, () => this.#operate());
  }

  /** A server that is on its way down, or is down, still comes back. */
  end(): void {
    this.#isOver = true;
    const { machines, statuses } = this.#cluster;
    for (const machine of machines) {
      this.#repeat(0, lookWithinMs, () => void statuses.look(machine));
      this.#repeat(0, verifyWithinMs, () => void statuses.verify(machine));
    }
    this.#cluster.wiretap.onMidway = () => {};
  }

  /** A machine that is telling another one what that one has missed goes back to an earlier state in the midst of it. */
  #interrupt(source: Machine, through: number): void {
    const { random, schedule } = this.#cluster;
    if (!random.oneIn(this.#interruptedTimes)) return;
    const { server } = source;
    const goesBack = random.oneIn(2);
    schedule.after(goesBack ? 0 : random.below(interruptWithinMs), () => {
      if (this.#isOver || source.server !== server) return;
      if (goesBack) this.#goesBack.set(source, through);
      this.#stop(source, 'power cut');
    });
  }

  #repeat(atLeastMs: number, withinMs: number, action: () => void): void {
    const { random, schedule } = this.#cluster;
    schedule.after(atLeastMs + random.below(withinMs), () => {
      if (this.#isOver) return;
      this.#cluster.guard(action);
      this.#repeat(atLeastMs, withinMs, action);
    });
  }

  #strike(): void {
    const { random, trace, machines } = this.#cluster;
    const machine = random.pick(machines);
    const kind = random.below(18);
    if (kind < 4) this.#stop(machine);
    else if (kind < 6) trace.note(`at ${machine.name} ${machine.faults.strike()}`);
    else if (kind < 7) this.#freeze(machine);
    else if (kind < 8) this.#jump(machine);
    else if (kind < 9) this.#copy(machine);
    else this.#breakLink();
  }

  /** Somebody starts a copy of a machine's disk elsewhere, and finds out his mistake. */
  #copy(machine: Machine): void {
    const { random, trace, schedule } = this.#cluster;
    if (this.#isCopied) return;
    this.#isCopied = true;
    trace.note(`a copy of ${machine.name} is started`);
    const copy = this.#cluster.copy(machine);
    schedule.after(random.below(maxCopiedMs), () => copy.retire());
  }

  #freeze({ name, server }: Machine): void {
    const { random, trace } = this.#cluster;
    const forMs = random.below(maxFrozenMs);
    trace.note(`${name} is frozen for ${forMs} ms`);
    server?.life.pause(forMs);
  }

  #jump({ name }: Machine): void {
    const { random, trace, skewMs } = this.#cluster;
    const byMs = random.below(maxJumpMs) - maxJumpMs / 2;
    trace.note(`the clock on the wall of ${name} jumps by ${byMs} ms`);
    skewMs.set(name, skewMs.get(name)! + byMs);
  }

  #breakLink(): void {
    const { random, trace, edges, machines, network } = this.#cluster;
    const [one, other] = random.shuffle(random.pick(edges)).map((number) => machines[number]!.name) as [
      string,
      string,
    ];
    const forMs = random.below(maxBrokenMs);
    const kind = random.below(10);
    const links = network.between(one, other);
    if (kind < 2) {
      trace.note(`what joins ${one} and ${other} is cut`);
      for (const link of links) link.cut();
    } else if (kind < 3) {
      trace.note(`what joins ${one} and ${other} is half-open`);
      for (const link of links) link.halve();
    } else if (kind < 6)
      this.#for(forMs, `${one} and ${other} are parted`, (is) => network.part(one, other, is));
    else if (kind < 8)
      this.#for(forMs, `nothing gets from ${one} to ${other}`, (is) => network.hold(one, other, is));
    else
      this.#for(forMs, `what ${one} says to ${other} arrives anyhow`, (is) =>
        network.unsettle(one, other, is),
      );
  }

  #cutOff({ client, place: { machine } }: Member): void {
    const forMs = this.#cluster.random.below(maxBrokenMs);
    this.#for(forMs, `${client.name} cannot reach ${machine.name}`, (is) =>
      machine.network.cutOff(client, is),
    );
  }

  #for(ms: number, what: string, is: (broken: boolean) => void): void {
    const { trace, schedule } = this.#cluster;
    trace.note(`${what} for ${ms} ms`);
    is(true);
    schedule.after(ms, () => {
      if (!this.#isOver) is(false);
    });
  }

  #operate(): void {
    const { random, machines, names, trace } = this.#cluster;
    const { name: at, server } = random.pick(machines);
    if (!server) return;
    const name = random.pick(names);
    const isDeletion = random.oneIn(2);
    trace.note(`${name} is ${isDeletion ? 'deleted' : 'undeleted'} at ${at}`);
    const visit = server.documents.visit(documentName(name));
    void (isDeletion ? visit.delete() : visit.undelete())
      .catch((error: unknown) => {
        const isExpected =
          error instanceof CommitFailed || error instanceof CorruptRow || error instanceof SyncError;
        if (!isExpected) this.#cluster.fail(error);
      })
      .finally(() => visit.end());
  }

  #stop(machine: Machine, way: Way = this.#cluster.random.pick(ways)): void {
    const { server } = machine;
    if (!server) return;
    const { schedule } = this.#cluster;
    if (way === 'drain') machine.drain();
    else if (way === 'kill at commit') machine.killAtCommit();
    else machine.kill();
    if (way === 'power cut') machine.losePower();
    // One that takes too long over it is killed.
    schedule.after(stopWithinMs, () => {
      if (machine.server === server) machine.kill();
    });
    this.#startAfter(machine, server);
  }

  #startAfter(machine: Machine, stopping: Machine['server']): void {
    const { random, schedule } = this.#cluster;
    schedule.after(random.below(maxDownMs), () => {
      if (machine.server === stopping) return this.#startAfter(machine, stopping);
      if (machine.server) return;
      const atLeast = this.#goesBack.get(machine);
      this.#goesBack.delete(machine);
      if (atLeast !== undefined) machine.goBackTo(atLeast);
      else if (this.#isRestored && random.oneIn(3)) machine.restore();
      machine.boot();
    });
  }
}
