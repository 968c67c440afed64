// Tabs that come, crash, freeze, wake up and go back and forth, with every message and lock delayed: whatever happened, one leads in
// the end, and nobody hears what was meant for another.
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../support/random.ts';
import { EchoServer, Talker } from './tabs-echo.ts';
import { type Tab, TabsWorld } from './tabs-world.ts';

const seeds = Number(process.env['TABS_SEEDS'] ?? 60);
const settlesWithinMs = 60_000;

interface Turmoil {
  readonly world: TabsWorld;
  readonly server: EchoServer;
  readonly talkers: Map<Tab, Talker>;
}

async function turmoil(seed: number): Promise<Turmoil> {
  const random = new SeededRandom(seed);
  const server = new EchoServer();
  const world = new TabsWorld(random, server.dial);
  const talkers = new Map<Tab, Talker>();
  const asideTabs = new Set<Tab>();
  const join = (): void => {
    const tab = world.join();
    talkers.set(tab, new Talker(tab, 1 + random.below(3)));
  };
  join();
  for (let step = 0; step < 40; step++) {
    // From a burst to pauses in which a frozen leader is found out.
    await world.pass(random.below(random.pick([10, 300, 12_000])));
    const tab = random.pick(world.tabs);
    switch (random.below(7)) {
      case 0:
      case 1:
        if (world.present.length < 6) join();
        break;
      case 2:
        tab.crash();
        break;
      case 3:
        tab.freeze();
        break;
      case 4:
        if (!asideTabs.has(tab)) tab.thaw();
        break;
      case 5:
        if (tab.state === 'running') asideTabs.add(tab);
        tab.setAside();
        break;
      case 6:
        if (asideTabs.delete(tab) && tab.state === 'frozen') tab.bringBack();
    }
  }
  if (world.present.length === 0) join();
  return { world, server, talkers };
}

/** One of those leads, all have a connection, and what they say is acknowledged. */
async function settles({ world, server, talkers }: Turmoil, tabs: readonly Tab[]): Promise<void> {
  await world.pass(settlesWithinMs);
  const roles = tabs.map(({ member }) => member.role).toSorted();
  expect(roles).toEqual(tabs.map((_, index) => (index < tabs.length - 1 ? 'follower' : 'leader')));
  const before = tabs.map((tab) => talkers.get(tab)!.acknowledged);
  const connections = tabs.map((tab) => talkers.get(tab)!.connections);
  await world.pass(5_000);
  for (const [index, tab] of tabs.entries()) {
    expect(talkers.get(tab)!.isWelcome).toBe(true);
    expect(talkers.get(tab)!.acknowledged).toBeGreaterThan(before[index]!);
    expect(talkers.get(tab)!.connections).toBe(connections[index]!);
  }
  const running = new Set(tabs);
  expect(server.open.filter(({ tab }) => running.has(tab))).toHaveLength(1);
}

describe('tabs in turmoil', () => {
  for (let seed = 1; seed <= seeds; seed++) {
    it(`[TAB1] [TAB2] [TAB4] settle on one leader and one socket, and nothing reaches the wrong one: seed ${seed}`, async () => {
      const all = await turmoil(seed);
      const running = all.world.present.filter(({ state }) => state === 'running');
      if (running.length > 0) await settles(all, running);
      // Whoever was frozen with the lead, or is brought back, finds its place, too.
      for (const tab of all.world.present) if (tab.state === 'frozen') tab.bringBack();
      await settles(all, all.world.present);
      expect(all.world.present.flatMap(({ reported }) => reported)).toEqual([]);
      // What those had open who are gone is closed.
      const [session] = all.server.open;
      const names = all.world.present.map(({ member }) => member.name);
      for (const { document } of session!.channels.values()) expect(names).toContain(document.split('.')[0]);
    });
  }
});
