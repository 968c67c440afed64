// The time in which everybody works and things go wrong: clients act, links and disk fail, the server is stopped and starts
// again, backups are made and put back.
import type { ServerProcess } from './server-process.ts';
import type { Tokens } from './tokens.ts';
import type { World } from './world.ts';

const maxPauseMs = 800;
/** Now and then everybody rests for so long that documents come to rest as well. */
const restMs = 5_000;
const minCalmMs = 500;
const maxCalmMs = 6_000;
/** As long as an operator waits for a server that was told to stop. */
const stopWithinMs = 10_000;
const maxDownMs = 3_000;
const backUpWithinMs = 3_000;
/** How often something happens to a tab. */
const tabWithinMs = 5_000;
/** How often the clock on the server's wall is set, and how often tokens are signed with another key. */
const jumpWithinMs = 20_000;
const rotateWithinMs = 60_000;

export class Work {
  readonly #world: World;
  /** In some runs the disk is put back to an earlier state. */
  readonly #isRestored: boolean;
  #restsUntilMs = 0;
  #isOver = false;

  constructor(world: World) {
    this.#world = world;
    this.#isRestored = world.random.oneIn(3);
  }

  begin(): void {
    for (const client of this.#world.clients) this.#act(() => client.act());
    const { browser } = this.#world;
    if (browser) this.#repeat(tabWithinMs, () => this.#world.guard(() => browser.act()));
    const { tokens } = this.#world;
    if (tokens) this.#troubleTokens(tokens);
    this.#repeat(maxCalmMs, () => this.#strike());
    if (this.#isRestored) this.#repeat(backUpWithinMs, () => this.#world.machine.backUp());
  }

  /** A server that is on its way down, or is down, still comes back. */
  end(): void {
    this.#isOver = true;
  }

  #act(act: () => void): void {
    const { random, schedule } = this.#world;
    const restMsLeft = Math.max(0, this.#restsUntilMs - schedule.now());
    schedule.after(restMsLeft + random.below(maxPauseMs), () => {
      if (this.#isOver) return;
      // The rest may have begun in the meantime.
      if (schedule.now() >= this.#restsUntilMs) this.#world.guard(act);
      this.#act(act);
    });
  }

  #repeat(withinMs: number, action: () => void): void {
    const { random, schedule } = this.#world;
    schedule.after(minCalmMs + random.below(withinMs), () => {
      if (this.#isOver) return;
      action();
      this.#repeat(withinMs, action);
    });
  }

  #troubleTokens(tokens: Tokens): void {
    const { trace } = this.#world;
    this.#repeat(jumpWithinMs, () => trace.note(`the clock on the wall is ${tokens.jump()} ms wrong`));
    this.#repeat(rotateWithinMs, () => {
      trace.note('tokens are signed with another key');
      tokens.issuer.rotate();
      // It reads its key when it starts.
      this.#stopServer();
    });
  }

  #strike(): void {
    const { random, schedule, machine, trace } = this.#world;
    const kind = random.below(8);
    if (kind < 2) this.#stopServer();
    else if (kind < 3) this.#restsUntilMs = schedule.now() + restMs;
    else trace.note(machine.faults.strike());
  }

  #stopServer(): void {
    const world = this.#world;
    const { machine } = world;
    const { server } = machine;
    if (!server) return;
    const way = world.random.pick(['drain', 'kill', 'kill at commit'] as const);
    if (way === 'drain') machine.drain();
    else if (way === 'kill') world.kill();
    else machine.killAtCommit();
    // One that takes too long over it is killed.
    world.schedule.after(stopWithinMs, () => {
      if (machine.server === server) world.kill();
    });
    this.#startAfter(server);
  }

  #startAfter(stopping: ServerProcess): void {
    const world = this.#world;
    const { random, schedule, machine } = world;
    schedule.after(random.below(maxDownMs), () => {
      if (machine.server === stopping) return this.#startAfter(stopping);
      if (machine.server) return;
      if (this.#isRestored && random.oneIn(2)) world.restore();
      machine.boot();
    });
  }
}
