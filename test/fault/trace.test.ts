// Two people type a whole text at once through stock clients, while the server is killed again and again.
import { expect, it } from 'vitest';
import { StockClient } from '../support/client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { containsAll, storedDocument } from '../support/stored-updates.ts';
import { readTrace, type Trace } from '../support/trace.ts';
import { Author, typeOut } from '../support/typed.ts';
import { until } from '../support/until.ts';
import { WatchedClient } from '../support/witness.ts';

const document = 'notes/by friends';
const kills = 12;
/** Transactions handed over in one go, and the clocks that may be on their way: some commits' worth of work in flight. */
const burst = 40;
const maxUnechoed = 400;

const trace = readTrace();

/** Two authors at two stock clients of one server. */
class Desk implements Disposable {
  readonly clients: readonly WatchedClient[];
  readonly authors: readonly Author[];
  readonly content: string;

  constructor(url: string, typing: Trace, ids: readonly [number, number]) {
    const { authors, content } = typeOut(typing, ids);
    this.content = content;
    this.clients = ids.map(() => new WatchedClient({ url, document }));
    this.authors = authors.map(
      (typed, agent) => new Author(this.clients[agent]!, typed, { own: ids[agent]!, other: ids[1 - agent]! }),
    );
  }

  /** Lets both type until they have handed over so many transactions and `condition` holds. */
  async type(transactions: number, condition = (): boolean => true): Promise<void> {
    const haveTyped = (): boolean => {
      for (const author of this.authors) author.type(burst, maxUnechoed);
      return this.authors.reduce((sum, { typed }) => sum + typed, 0) >= transactions && condition();
    };
    await until(`${transactions} transactions are typed`, haveTyped, 90_000);
  }

  /** Whether both are connected, and what one has sent has not come back. */
  hasInFlight(): boolean {
    return (
      this.clients.every(({ provider }) => provider.synced) &&
      this.authors.some(({ unechoed }) => unechoed > 0)
    );
  }

  hasEnded(): boolean {
    return this.clients.every(({ text }) => text.toJSON() === this.content);
  }

  [Symbol.dispose](): void {
    for (const client of this.clients) client[Symbol.dispose]();
  }
}

it(`[CNV1] [YWS2] [DUR1] [DUR2] two people write a text (${trace.origin}), and nothing that came back is lost by ${kills} kills`, async () => {
  using folder = temporaryFolder();
  await using running = {
    server: await ServerProcess.start({ data: folder.path }),
    async [Symbol.asyncDispose]() {
      await this.server.end('SIGKILL');
    },
  };
  // Yjs puts the smaller id's insertion first, as the recording's merge put agent 0's.
  using desk = new Desk(running.server.yjs, trace, [1, 2]);
  expect(desk.content).toBe(trace.endContent ?? desk.content);
  const echoed: Uint8Array[] = [];
  const progress: number[] = [];

  for (let kill = 1; kill <= kills; kill++) {
    await desk.type((trace.transactions.length * kill) / (kills + 1), () => desk.hasInFlight());
    await running.server.end('SIGKILL');
    await until('both see it gone', () => desk.clients.every(({ provider }) => !provider.wsconnected));
    // What was in the network at the kill and arrived after it came back as well.
    echoed.push(...desk.clients.map(({ witness }) => witness.takeReceived()));
    progress.push(desk.authors.reduce((sum, author) => sum + author.echoed, 0));
    expect(containsAll(storedDocument(folder.path, document), echoed)).toBe(true);
    running.server = await running.server.restart();
  }
  await desk.type(trace.transactions.length);
  await until('both hold the whole text', () => desk.hasEnded());
  using third = await new StockClient({ url: running.server.yjs, document }).synced();
  expect(third.text.toJSON()).toBe(desk.content);
  // Each kill came upon a server that had acknowledged something since the one before.
  expect(new Set(progress).size).toBe(kills);
  expect(desk.clients.map(({ witness }) => witness.connections)).toEqual([kills + 1, kills + 1]);
  expect(await running.server.end()).toEqual({ code: 0, signal: null });
  expect(storedDocument(folder.path, document).getText('content').toJSON()).toBe(desk.content);
});

it(`[CNV1] with the authors' ids the other way round (${trace.origin}), all agree on another order of what was typed at one place`, async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using desk = new Desk(server.yjs, trace, [2, 1]);
  expect(desk.content).not.toBe(typeOut(trace, [1, 2]).content);
  await desk.type(trace.transactions.length);
  await until('both hold the whole text', () => desk.hasEnded());
  using third = await new StockClient({ url: server.yjs, document }).synced();
  expect(third.text.toJSON()).toBe(desk.content);
  // Nobody else had what an author typed: that it came back shows that the stock client sent it.
  expect(desk.authors.map(({ unechoed }) => unechoed)).toEqual([0, 0]);
  expect(desk.clients.map(({ witness }) => witness.connections)).toEqual([1, 1]);
});
