// Tabs that share a connection: who leads, on a virtual clock; and the whole of it against a real server, with the locks and channels
// of Node.
import type { Platform } from '@syncline/client/sync/platform.ts';
import { createClient } from '@syncline/client';
import type { TabEdit, TabMember } from '@syncline/client/local/tabs.ts';
import { Member } from '@syncline/client/tabs/member.ts';
import type { TabSurroundings } from '@syncline/client/tabs/surroundings.ts';
import { webPlatform } from '@syncline/client/web/platform.ts';
import { webTabs } from '@syncline/client/web/tabs.ts';
import { describe, expect, it } from 'vitest';
import { metric } from '../support/metric.ts';
import { SeededRandom } from '../support/random.ts';
import { textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';
import { EchoServer, Talker } from './tabs-echo.ts';
import { type Tab, TabsWorld } from './tabs-world.ts';

const edit: TabEdit = {
  document: 'notes',
  engine: 'yjs',
  incarnation: 1,
  updates: [Uint8Array.of(1, 2), new Uint8Array(8).subarray(3, 5)],
};

/** So many tabs that talk with a server, the first of which leads. */
async function office(count: number): Promise<{
  world: TabsWorld;
  server: EchoServer;
  tabs: Tab[];
  talkers: Talker[];
}> {
  const server = new EchoServer();
  const world = new TabsWorld(new SeededRandom(count), server.dial);
  const tabs: Tab[] = [];
  for (let each = 0; each < count; each++) {
    tabs.push(world.join());
    await world.pass(100);
  }
  const talkers = tabs.map((tab) => new Talker(tab, 2));
  await world.pass(1_000);
  expect(rolesOf(tabs)).toEqual(tabs.map((_, index) => (index === 0 ? 'leader' : 'follower')));
  expect(talkers.every(({ isWelcome }) => isWelcome)).toBe(true);
  return { world, server, tabs, talkers };
}

function rolesOf(tabs: readonly Tab[]): string[] {
  return tabs.map(({ member }) => member.role);
}

describe('a tab', () => {
  it('[TAB1] that follows leads within a moment when the one that led is gone, is set aside, or leaves', async () => {
    for (const end of [
      (tab: Tab) => tab.crash(),
      (tab: Tab) => tab.setAside(),
      (tab: Tab) => tab.member.leave(),
    ]) {
      const { world, server, tabs, talkers } = await office(3);
      expect(server.open.map(({ tab }) => tab)).toEqual([tabs[0]]);
      talkers[0]!.leave();
      await world.pass(100);
      end(tabs[0]!);
      await world.pass(1_000);
      expect(rolesOf(tabs.slice(1))).toEqual(['leader', 'follower']);
      expect(tabs[1]!.roleChanges).toBe(1);
      expect(talkers.slice(1).every(({ isWelcome }) => isWelcome)).toBe(true);
      expect(server.open.map(({ tab }) => tab)).toEqual([tabs[1]]);
    }
  });

  it('[TAB1] that was set aside takes part again when it is back', async () => {
    const { world, tabs, talkers } = await office(2);
    tabs[0]!.setAside();
    await world.pass(60_000);
    tabs[0]!.bringBack();
    await world.pass(1_000);
    expect(rolesOf(tabs)).toEqual(['follower', 'leader']);
    expect(talkers.every(({ isWelcome }) => isWelcome)).toBe(true);
  });

  it('[TAB1] that connects before it is known who leads has its connection on the first attempt', async () => {
    const server = new EchoServer();
    const world = new TabsWorld(new SeededRandom(1), server.dial);
    const talkers = [new Talker(world.join(), 1), new Talker(world.join(), 1)];
    await world.pass(1_000);
    expect(talkers.map(({ isWelcome, connections }) => [isWelcome, connections])).toEqual([
      [true, 1],
      [true, 1],
    ]);
    expect(server.sessions).toHaveLength(1);
  });

  it('[TAB2] that leads and is frozen is robbed after 6 s, and follows when it wakes up', async () => {
    const { world, server, tabs, talkers } = await office(3);
    tabs[0]!.freeze();
    await world.pass(5_500);
    expect(rolesOf(tabs)).toEqual(['leader', 'follower', 'follower']);
    await world.pass(4_500);
    expect(rolesOf(tabs.slice(1)).toSorted()).toEqual(['follower', 'leader']);
    expect(talkers.slice(1).every(({ isWelcome }) => isWelcome)).toBe(true);
    await world.pass(60_000);
    tabs[0]!.thaw();
    await world.pass(2_000);
    expect(rolesOf(tabs).toSorted()).toEqual(['follower', 'follower', 'leader']);
    expect(tabs[0]!.member.role).toBe('follower');
    expect(talkers.every(({ isWelcome }) => isWelcome)).toBe(true);
    expect(server.open).toHaveLength(1);
    expect(server.sessions).toHaveLength(2);
  });

  it('[TAB2] that nobody looks at has timers that are a minute late, and robs a frozen leader all the same', async () => {
    const { world, tabs } = await office(2);
    tabs[0]!.freeze();
    for (let minute = 0; minute < 6; minute++) {
      tabs[1]!.freeze();
      await world.pass(60_000);
      tabs[1]!.thaw();
      await world.pass(20);
    }
    await world.pass(2_000);
    expect(rolesOf(tabs)).toEqual(['leader', 'leader']);
    tabs[0]!.thaw();
    await world.pass(1_000);
    expect(rolesOf(tabs)).toEqual(['follower', 'leader']);
  });

  it('[TAB8] has a socket of its own where there are no locks, or no channels', async () => {
    const world = new TabsWorld(new SeededRandom(1), new EchoServer().dial);
    const { platform } = world.join();
    const without = {
      locks: { lock: (_name, request) => platform.after(5, () => request.failed()), channel: newChannel },
      channels: {
        lock: () => () => {},
        channel: () => {
          throw new DOMException('not here', 'SecurityError');
        },
      },
    } satisfies Record<string, Partial<TabSurroundings>>;
    for (const surroundings of Object.values(without)) {
      let changes = 0;
      const member = new Member({
        scope: 'alone',
        platform,
        surroundings: { ...surroundings, onPause: () => () => {} },
        listener: { roleChanged: () => changes++, edited: () => {}, left: () => {} },
      });
      let isOpen = false;
      member.connect('ws://127.0.0.1/sync', {
        opened: () => (isOpen = true),
        received: () => {},
        closed: () => {},
      });
      await world.pass(100);
      expect([member.role, changes, isOpen]).toEqual(['solo', 1, true]);
      member.tell(edit);
      member.leave();
    }
  });

  it('[TAB9] is told what is typed in the others, and that one of them is gone', async () => {
    const world = new TabsWorld(new SeededRandom(3), new EchoServer().dial);
    const heard: [TabEdit, string][] = [];
    const left: string[] = [];
    world.join({
      edited: (told, tab) => void heard.push([told, tab]),
      left: (tab) => void left.push(tab),
    });
    const [typing, silent] = [world.join(), world.join()];
    // At once, before it can be known that it is there.
    typing.member.tell(edit);
    await world.pass(1_000);
    typing.member.tell({ ...edit, document: 'other' });
    await world.pass(100);
    expect(heard).toEqual([
      [edit, typing.member.name],
      [{ ...edit, document: 'other' }, typing.member.name],
    ]);
    // No more than is meant goes along.
    expect(heard[0]![0].updates.map(({ buffer }) => buffer.byteLength)).toEqual([2, 2]);
    silent.crash();
    typing.freeze();
    await world.pass(60_000);
    expect(left).toEqual([]);
    typing.crash();
    await world.pass(1_000);
    expect(left).toEqual([typing.member.name]);
  });
});

function newChannel() {
  return { post: () => {}, close: () => {} };
}

/** A client in a tab of its own. */
class TabClient implements AsyncDisposable {
  readonly member: TabMember;
  readonly client: ReturnType<typeof createClient>;
  readonly heard: [TabEdit, string][] = [];
  readonly gone: string[] = [];

  constructor(scope: string, options: Parameters<typeof createClient>[0]) {
    const platform: Platform = { ...webPlatform, fraction: () => Math.random() * 0.1 };
    let retry = (): void => {};
    this.member = webTabs(scope)!.join(platform, {
      roleChanged: () => retry(),
      edited: (told, tab) => void this.heard.push([told, tab]),
      left: (tab) => void this.gone.push(tab),
    });
    this.client = createClient(options, { ...platform, connect: this.member.connect });
    retry = () => this.client.retry();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    this.member.leave();
  }
}

describe('clients in several tabs', () => {
  it('[TAB1] [TAB3] [TAB4] edit over one socket, are acknowledged each for itself, and go on when the one that led is gone', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const scope = folder.path;
    const anna = new TabClient(scope, { url: server.sync });
    const hers = anna.client.open('notes/today');
    write(hers, 'Anna. ');
    await hers.saved();
    expect(anna.member.role).toBe('leader');

    await using ben = new TabClient(scope, { url: server.sync });
    const [his, own] = [ben.client.open('notes/today'), ben.client.open('own')];
    await his.synced();
    expect([textOf(his), ben.member.role]).toEqual(['Anna. ', 'follower']);
    write(his, 'Ben. ');
    write(own, 'Only his.');
    await Promise.all([his.saved(), own.saved()]);
    expect(storedDocument(folder.path, 'notes/today').getText('content').toJSON()).toBe('Anna. Ben. ');
    expect(storedDocument(folder.path, 'own').getText('content').toJSON()).toBe('Only his.');
    await until('she has it', () => textOf(hers) === 'Anna. Ben. ');
    write(hers, 'More. ');
    await until('he has it', () => textOf(his) === 'Anna. Ben. More. ');
    expect(await metric(server, 'connections')).toBe(1);

    ben.member.tell(edit);
    await until('she is told', () => anna.heard.length === 1);
    expect(anna.heard).toEqual([[edit, ben.member.name]]);

    anna.member.leave();
    await until('he leads', () => ben.member.role === 'leader');
    write(his, 'Alone. ');
    await his.saved();
    await until('hers is alone, too', async () => (await metric(server, 'connections')) === 2);
    await anna.client.close();
    await until('his is the only one again', async () => (await metric(server, 'connections')) === 1);
    write(his, 'Still there.');
    await his.saved();
  });

  it('[TAB1] [SDK3] come back together from a server that was killed, with what was typed meanwhile', async () => {
    using folder = temporaryFolder();
    await using first = await ServerProcess.start({ data: folder.path });
    await using anna = new TabClient(folder.path, { url: first.sync });
    await using ben = new TabClient(folder.path, { url: first.sync });
    const [hers, his] = [anna.client.open('notes'), ben.client.open('notes')];
    await Promise.all([hers.synced(), his.synced()]);
    await first.end('SIGKILL');
    for (const { client } of [anna, ben])
      await until('the connection is lost', () => client.status.connection.state === 'waiting');
    write(hers, 'Anna. ');
    write(his, 'Ben. ');
    await using second = await first.restart();
    await Promise.all([hers.saved(), his.saved()]);
    await until('they agree', () => textOf(hers) === textOf(his) && textOf(hers).length === 11);
    expect(storedDocument(folder.path, 'notes').getText('content').toJSON()).toBe(textOf(hers));
    expect(await metric(second, 'connections')).toBe(1);
  });
});
