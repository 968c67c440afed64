// Two people type a whole text at once through stock clients, while the server is killed again and again.
import { expect, it } from 'vitest';
import { StockClient } from '../support/client.ts';
import { Desk } from '../support/desk.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { containsAll, storedDocument } from '../support/stored-updates.ts';
import { readTrace } from '../support/trace.ts';
import { typeOut } from '../support/typed.ts';
import { until } from '../support/until.ts';
import { WatchedClient } from '../support/witness.ts';

const document = 'notes/by friends';
const kills = 12;

const trace = readTrace();

it(`[CNV1] [YWS2] [DUR1] [DUR2] two people write a text (${trace.origin}), and nothing that came back is lost by ${kills} kills`, async () => {
  using folder = temporaryFolder();
  await using running = {
    server: await ServerProcess.start({ data: folder.path }),
    async [Symbol.asyncDispose]() {
      await this.server.end('SIGKILL');
    },
  };
  // Yjs puts the smaller id's insertion first, as the recording's merge put agent 0's.
  using anna = new WatchedClient({ url: running.server.yjs, document });
  using ben = new WatchedClient({ url: running.server.yjs, document });
  const clients = [anna, ben];
  const desk = new Desk([anna, ben], trace, [1, 2]);
  const hasInFlight = (): boolean =>
    clients.every(({ provider }) => provider.synced) && desk.unconfirmed.some((clocks) => clocks > 0);
  expect(desk.content).toBe(trace.endContent ?? desk.content);
  const echoed: Uint8Array[] = [];
  const progress: number[] = [];

  for (let kill = 1; kill <= kills; kill++) {
    await desk.type((trace.transactions.length * kill) / (kills + 1), hasInFlight);
    await running.server.end('SIGKILL');
    await until('both see it gone', () => clients.every(({ provider }) => !provider.wsconnected));
    // What was in the network at the kill and arrived after it came back as well.
    echoed.push(...clients.map(({ witness }) => witness.takeReceived()));
    progress.push(desk.confirmed);
    expect(containsAll(storedDocument(folder.path, document), echoed)).toBe(true);
    running.server = await running.server.restart();
  }
  await desk.type(trace.transactions.length);
  await until('both hold the whole text', () => desk.hasEnded());
  using third = await new StockClient({ url: running.server.yjs, document }).synced();
  expect(third.text.toJSON()).toBe(desk.content);
  // Each kill came upon a server that had acknowledged something since the one before.
  expect(new Set(progress).size).toBe(kills);
  expect(clients.map(({ witness }) => witness.connections)).toEqual([kills + 1, kills + 1]);
  expect(await running.server.end()).toEqual({ code: 0, signal: null });
  expect(storedDocument(folder.path, document).getText('content').toJSON()).toBe(desk.content);
});

it(`[CNV1] with the authors' ids the other way round (${trace.origin}), all agree on another order of what was typed at one place`, async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using anna = new WatchedClient({ url: server.yjs, document });
  using ben = new WatchedClient({ url: server.yjs, document });
  const desk = new Desk([anna, ben], trace, [2, 1]);
  expect(desk.content).not.toBe(typeOut(trace, [1, 2]).content);
  await desk.type(trace.transactions.length);
  await until('both hold the whole text', () => desk.hasEnded());
  using third = await new StockClient({ url: server.yjs, document }).synced();
  expect(third.text.toJSON()).toBe(desk.content);
  // Nobody else had what an author typed: that it came back shows that the stock client sent it.
  expect(desk.unconfirmed).toEqual([0, 0]);
  expect([anna, ben].map(({ witness }) => witness.connections)).toEqual([1, 1]);
});
