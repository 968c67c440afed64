// One run from one seed: clients work while things go wrong, then everything heals, and every promise is looked at.
import { expectAgreement, expectStoredWell, whyNotSettled } from './oracle/agreement.ts';
import { expectThat } from './oracle/violation.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { Work } from './world/work.ts';
import { World } from './world/world.ts';

export async function simulate(seed: number, print?: (line: string) => void): Promise<Outcome> {
  const world = new World(seed, print);
  const run = new Run(world);
  try {
    await run.all();
  } catch (error) {
    world.fail(error);
  }
  return outcomeOf(seed, world);
}

const workMs = 60_000;
/** Longer than every pause that any side makes before it tries again. */
const settleWithinMs = 240_000;
const lookEveryMs = 2_000;
/** What is on its way has arrived after this, presence that ended has been forgotten, and links that were half-open are given up. */
const lullMs = 100_000;
const quietMs = 60_000;

class Run {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async all(): Promise<void> {
    await this.#work();
    await this.#heal();
    await this.#settle();
    await this.#reconnect();
    await this.#stayQuiet();
    await this.#leave();
  }

  async #work(): Promise<void> {
    const work = new Work(this.#world);
    work.begin();
    await this.#pass(workMs);
    work.end();
  }

  async #heal(): Promise<void> {
    const world = this.#world;
    world.trace.note('everything heals');
    world.machine.heal();
    world.browser?.heal();
    world.tokens?.heal();
    for (const client of world.clients) client.heal();
    // A server that was on its way down comes back by itself.
    await this.#until('the server is up', () => (world.machine.server ? undefined : 'it is down'));
  }

  /** O1, as a matter of time. */
  async #settle(): Promise<void> {
    const { machine, clients } = this.#world;
    await this.#until('all agree', () => whyNotSettled(machine, clients));
    expectAgreement(machine, clients);
  }

  /** Everybody connects once more, and compares what both sides hold. */
  async #reconnect(): Promise<void> {
    const { machine, clients } = this.#world;
    for (const link of machine.network.links) link.cut();
    await this.#pass(lookEveryMs);
    await this.#settle();
    await this.#pass(lullMs);
    expectAgreement(machine, clients);
    await expectStoredWell(machine, clients);
  }

  /** O5. */
  async #stayQuiet(): Promise<void> {
    const { clients, machine, trace } = this.#world;
    const { wiretap, server, disk } = machine;
    trace.note('nobody is present any more');
    for (const client of clients) client.appear(false);
    await this.#pass(lullMs);
    wiretap.onlySignsOfLife(disk.documents);
    await this.#pass(quietMs);
    wiretap.anything();
    expectThat(server!.documents.queuedBytes === 0, () => 'O4: something is taken for queued for ever');
    expectAgreement(machine, clients);
  }

  /** O6. */
  async #leave(): Promise<void> {
    const { clients, random, machine } = this.#world;
    for (const client of clients) client.appear(true);
    await this.#pass(lookEveryMs);
    const last = random.pick(clients);
    for (const client of clients) {
      if (client === last) continue;
      if (random.oneIn(2)) client.close();
      else client.vanish();
    }
    await this.#pass(lullMs);
    for (const [name] of last.contents()) {
      const others = last.others(name);
      expectThat(others.length === 0, () => `O6: ${last.name} takes ${others.join()} for present in ${name}`);
    }
    last.close();
    await this.#pass(lullMs);
    expectThat(machine.server!.documents.count === 0, () => 'O6: a document that nobody has open is kept');
  }

  async #pass(ms: number): Promise<void> {
    const world = this.#world;
    await world.schedule.run(world.schedule.now() + ms, () => world.hasFailed);
    if (world.hasFailed) throw world.failure;
  }

  async #until(what: string, why: () => string | undefined): Promise<void> {
    const endMs = this.#world.schedule.now() + settleWithinMs;
    for (let reason = why(); reason !== undefined; reason = why()) {
      const late = reason;
      expectThat(
        this.#world.schedule.now() < endMs,
        () => `O1: it does not come about that ${what}: ${late}`,
      );
      await this.#pass(lookEveryMs);
    }
  }
}
