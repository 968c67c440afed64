// One run of a cluster from one seed: clients work on all machines while things go wrong, then everything heals, and every promise is
// looked at.
import { expectAgreement, whyNotSettled } from '../oracle/cluster-agreement.ts';
import { StockClient } from '../client/stock-client.ts';
import { expectThat } from '../oracle/violation.ts';
import { type Outcome, outcomeOf } from '../outcome.ts';
import { Cluster } from './cluster.ts';
import { ClusterWork } from './cluster-work.ts';
import { coreOf, Flapping, whyNotMoved } from './core-of.ts';

export async function simulateCluster(seed: number, print?: (line: string) => void): Promise<Outcome> {
  const cluster = new Cluster(seed, print);
  try {
    await new ClusterRun(cluster).all();
  } catch (error) {
    cluster.fail(error);
  }
  return outcomeOf(seed, cluster);
}

const workMs = 60_000;
/** Longer than every pause that any side makes before it tries again. */
const settleWithinMs = 300_000;
const lookEveryMs = 2_000;
const stepMs = 50;
/** What is on its way has arrived after this, presence that ended has been forgotten, and links that were half-open are given up. */
const lullMs = 65_000;
const quietMs = 30_000;

class ClusterRun {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async all(): Promise<void> {
    await this.#work();
    if (this.#cluster.random.oneIn(3)) await this.#live();
    await this.#heal();
    await this.#settle();
    await this.#reconnect();
    await this.#stayQuiet();
  }

  async #work(): Promise<void> {
    const work = new ClusterWork(this.#cluster);
    work.begin();
    await this.#pass(workMs);
    work.end();
  }

  /** A part of the cluster settles while one machine comes and goes, and one direction between two others is broken for good. */
  async #live(): Promise<void> {
    const cluster = this.#cluster;
    const core = coreOf(cluster);
    if (!core) return;
    const { network, trace, members, random } = cluster;
    trace.note(`all heals but ${core.unsteady.name}, and what ${core.deaf[0]} says to ${core.deaf[1]}`);
    network.heal();
    network.hold(core.deaf[0], core.deaf[1], true);
    for (const machine of core.machines) machine.heal();
    const flapping = new Flapping(cluster, core.unsteady);
    for (const { client, place } of members) {
      if (place.moves === 'roams') place.moves = 'never';
      // It has to find another one by itself.
      if (place.moves === 'fails over') core.unsteady.network.cutOff(client, true);
      if (place.moves === 'fails over' || place.machine !== core.unsteady) continue;
      place.moveTo(random.pick(core.machines));
      for (const link of core.unsteady.network.links) if (link.from === client) link.cut();
      // It cannot say of which incarnation it has something: elsewhere that may be another one.
      if (cluster.isOperated && client instanceof StockClient) client.reload();
    }
    await this.#until(`the ${core.machines.length} settle`, () => {
      const why = whyNotMoved(cluster, core) ?? whyNotSettled(cluster, core.machines);
      if (why !== undefined) for (const client of cluster.clients) client.heal();
      return why;
    });
    flapping.end();
  }

  async #heal(): Promise<void> {
    const { machines, network, trace } = this.#cluster;
    trace.note('everything heals');
    for (const machine of machines) machine.heal();
    network.heal();
    // Servers that were on their way down come back by themselves.
    await this.#until('all servers are up', () => machines.find(({ server }) => !server)?.name);
  }

  /** O1, as a matter of time. */
  async #settle(): Promise<void> {
    await this.#until('all agree', () => {
      const why = whyNotSettled(this.#cluster);
      if (why !== undefined) for (const client of this.#cluster.clients) client.heal();
      return why;
    });
  }

  /** Everybody connects once more, and compares what both sides hold. */
  async #reconnect(): Promise<void> {
    const { machines, network } = this.#cluster;
    for (const link of network.links) link.cut();
    for (const machine of machines) for (const link of machine.network.links) link.cut();
    await this.#pass(lookEveryMs);
    await this.#settle();
  }

  /** O13. */
  async #stayQuiet(): Promise<void> {
    const { clients, machines, wiretap, trace } = this.#cluster;
    trace.note('nobody is present any more');
    for (const client of clients) client.appear(false);
    await this.#pass(lullMs);
    await expectAgreement(this.#cluster);
    await this.#while(this.#cluster.statuses.expectAllHeld());
    trace.note('all is said');
    wiretap.isQuiet = true;
    for (const machine of machines) machine.wiretap.onlySignsOfLife(machine.disk.documents);
    await this.#pass(quietMs);
    wiretap.isQuiet = false;
    for (const machine of machines) {
      machine.wiretap.anything();
      expectThat(
        machine.server!.documents.queuedBytes === 0,
        () => 'O4: something is taken for queued for ever',
      );
    }
    await expectAgreement(this.#cluster);
    for (const machine of machines) await this.#while(this.#cluster.statuses.verify(machine));
  }

  /** Time passes for as long as something is waited for. */
  async #while(work: Promise<void>): Promise<void> {
    const waiting = { isOver: false };
    const done = work.finally(() => (waiting.isOver = true));
    // It rejects when it is waited for.
    done.catch(() => undefined);
    while (!waiting.isOver) await this.#pass(stepMs);
    await done;
  }

  async #pass(ms: number): Promise<void> {
    const cluster = this.#cluster;
    await cluster.schedule.run(cluster.schedule.now() + ms, () => cluster.hasFailed);
    if (cluster.hasFailed) throw cluster.failure;
  }

  async #until(what: string, why: () => string | undefined): Promise<void> {
    const endMs = this.#cluster.schedule.now() + settleWithinMs;
    for (let reason = why(); reason !== undefined; reason = why()) {
      const late = reason;
      expectThat(
        this.#cluster.schedule.now() < endMs,
        () => `O1: it does not come about that ${what}: ${late}`,
      );
      await this.#pass(lookEveryMs);
    }
  }
}
