// The sync states of the automerge-repo dialect against real Automerge documents, through every order of frames, commits, failures
// and lost connections that a seed makes up.
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { SeededRandom } from '../support/random.ts';
import { settle, SimulatedClient, SimulatedServer } from '../support/automerge-repo-sync.ts';

it('[ARP5] a client with nothing is sent everything in one message, and one with more gives what it has', () => {
  const server = new SimulatedServer();
  const anna = new SimulatedClient(server);
  anna.edit(20);
  settle(server, [anna]);
  expect(server.heads).toEqual(anna.heads);
  const before = server.messages;
  const ben = new SimulatedClient(server);
  settle(server, [anna, ben]);
  expect(ben.heads).toEqual(anna.heads);
  expect(server.messages).toBe(before + 1);
  ben.edit();
  settle(server, [anna, ben]);
  expect(anna.heads).toEqual(ben.heads);
});

it('[ARP5] a client that comes back with an edit is sent what it lacks and no more', () => {
  const server = new SimulatedServer();
  const anna = new SimulatedClient(server);
  const ben = new SimulatedClient(server);
  anna.edit(500);
  settle(server, [anna, ben]);
  for (const isRemembering of [true, false]) {
    ben.disconnect();
    anna.edit();
    settle(server, [anna]);
    ben.edit();
    const before = server.sentBytes;
    ben.connect(isRemembering);
    settle(server, [ben]);
    expect(ben.heads).toEqual(server.heads);
    // A filter of 500 changes has 625 bytes.
    expect(server.sentBytes - before).toBeLessThan(isRemembering ? 700 : 1_400);
    settle(server, [anna]);
  }
});

it('[ARP6] a client knows of its edit on the server when it is committed, and not before', () => {
  const server = new SimulatedServer();
  const [anna, ben] = [new SimulatedClient(server), new SimulatedClient(server)];
  anna.edit();
  settle(server, [anna, ben]);
  anna.edit();
  const before = anna.serverHeads;
  while (anna.step('up'));
  while (anna.step('down'));
  server.take();
  expect(anna.serverHeads).toEqual(before);
  server.commit();
  while (anna.step('down'));
  expect(anna.serverHeads).toEqual(anna.heads);
});

it('[ARP7] a change whose commit failed is sent again, on the same connection', () => {
  const server = new SimulatedServer();
  const [anna, ben] = [new SimulatedClient(server), new SimulatedClient(server)];
  anna.edit(5);
  settle(server, [anna, ben]);
  const before = server.heads;
  anna.edit(2);
  while (anna.step('up'));
  server.take();
  server.failCommit();
  expect(server.heads).toEqual(before);
  settle(server, [anna, ben]);
  expect(server.heads).toEqual(anna.heads);
  expect(ben.heads).toEqual(anna.heads);
});

it('[ARP5] changes that are committed one after another are not asked for meanwhile, and sent once', () => {
  const server = new SimulatedServer();
  const anna = new SimulatedClient(server);
  anna.edit();
  settle(server, [anna]);
  anna.disconnect();
  anna.edit(30);
  anna.connect();
  const talk = (): void => {
    while (anna.step('up') || anna.step('down'));
  };
  talk();
  const before = anna.sentBytes;
  for (let taken = 0; taken < 30; taken++) {
    server.take(1);
    server.commit();
    // The client answers whatever it is told.
    talk();
  }
  expect(anna.serverHeads).toEqual(anna.heads);
  // Each answer has heads and a filter, and no change.
  expect(anna.sentBytes - before).toBeLessThan(30 * 150);
});

it('[ARP8] a message that is lost is made good, and nobody goes on for ever', () => {
  for (const direction of ['up', 'down'] as const) {
    const server = new SimulatedServer();
    const [anna, ben] = [new SimulatedClient(server), new SimulatedClient(server)];
    anna.edit(5);
    settle(server, [anna, ben]);
    anna.edit();
    if (direction === 'up') anna.connection!.up.shift();
    else {
      while (anna.step('up'));
      server.take();
      server.commit();
      ben.connection!.down.shift();
    }
    settle(server, [anna, ben]);
    anna.edit();
    settle(server, [anna, ben]);
    ben.edit();
    settle(server, [anna, ben]);
    expect([anna.heads, ben.heads]).toEqual([server.heads, server.heads]);
    expect(server.messages).toBeLessThan(30);
  }
});

it('[ARP8] a server that has less than before gets it back from whoever remembers that it had it', () => {
  const server = new SimulatedServer();
  const [anna, ben] = [new SimulatedClient(server), new SimulatedClient(server)];
  anna.edit(50);
  settle(server, [anna, ben]);
  server.restore(30);
  anna.connect();
  settle(server, [anna]);
  expect(server.heads).toEqual(anna.heads);
  expect(server.messages).toBeLessThan(10);
  ben.connect();
  settle(server, [anna, ben]);
  expect(ben.heads).toEqual(server.heads);
});

const base = Number(process.env['SEED'] ?? randomInt(2 ** 31));
const seeds = Number(process.env['SEEDS'] ?? 60);

it(`[ARP5] [ARP8] whatever happens, all agree at the end and fall silent (seeds from ${base})`, () => {
  const failed: string[] = [];
  for (let seed = base; seed < base + seeds; seed++) {
    try {
      live(seed);
    } catch (error) {
      failed.push(`seed ${seed}: ${String(error)}`);
    }
  }
  expect(failed).toEqual([]);
});

function live(seed: number): void {
  const random = new SeededRandom(seed);
  const server = new SimulatedServer();
  const clients = [1, 2, 3].map(() => new SimulatedClient(server));
  let restores = 0;
  for (let step = 0; step < 120; step++) {
    const client = clients[random.below(clients.length)]!;
    switch (random.below(12)) {
      case 0:
      case 1:
        client.edit(1 + random.below(3));
        break;
      case 2:
        if (random.oneIn(2)) client.disconnect();
        break;
      case 3:
        if (!client.isConnected) client.connect(random.oneIn(2));
        break;
      case 4:
        server.take(random.oneIn(2) ? 1 : Infinity);
        if (random.oneIn(2)) server.commit();
        break;
      case 5:
        if (random.oneIn(2)) server.failCommit();
        break;
      case 6:
        // What nobody has any more is gone: at least one keeps everything.
        if (client !== clients[0] && random.oneIn(8)) client.forget();
        break;
      case 7:
        if (random.oneIn(20) && ++restores < 3) server.restore(random.below(server.count + 1));
        break;
      default:
        client.step(random.oneIn(2) ? 'up' : 'down');
    }
  }
  for (const client of clients) if (!client.isConnected) client.connect(random.oneIn(2));
  settle(server, clients);
  for (const client of clients)
    expect([client.heads, client.serverHeads]).toEqual([server.heads, server.heads]);
  const spoken = server.messages;
  settle(server, clients);
  expect(server.messages).toBe(spoken);
}
