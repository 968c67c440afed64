// One person types a whole text through a stock automerge-repo client, change by change, while the server is killed.
import { splice } from '@automerge/automerge';
import { expect, it } from 'vitest';
import { RepoClient } from '../support/automerge-repo-client.ts';
import { syncline } from '../support/command.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { readAuthoredTrace } from '../support/trace.ts';
import { until } from '../support/until.ts';

const trace = readAuthoredTrace();
const kills = 3;

/** A client needs a millisecond for each change. */
const transactionsInChange = 8;
/** Typed before the network has its turn: as much as a client sends at once. */
const changesInTurn = 50;

it(`[ARP10] [ARP6] what is typed (${trace.origin}) is the same here, there and on the disk, after ${kills} kills`, async () => {
  using folder = temporaryFolder();
  await using running = {
    server: await ServerProcess.start({ data: folder.path }),
    async [Symbol.asyncDispose]() {
      await this.server.end('SIGKILL');
    },
  };
  const { transactions, endContent } = trace;
  using anna = new RepoClient({ url: running.server.automerge });
  using ben = new RepoClient({ url: running.server.automerge, version: '2.6-alpha' });
  const annas = anna.create({ text: '' });
  const bens = await ben.find(annas.url);
  let typed = 0;
  for (let killed = 0; typed < transactions.length;) {
    for (let change = 0; change < changesInTurn; change++) {
      const patches = transactions.slice(typed, (typed += transactionsInChange)).flat();
      annas.change((notes) => {
        for (const [at, deleted, inserted] of patches) splice(notes, ['text'], at, deleted, inserted);
      });
    }
    await new Promise((resolve) => setImmediate(resolve));
    if (typed < (transactions.length * (killed + 1)) / (kills + 1)) continue;
    killed++;
    await until('all of it is safe', () => anna.isSafe(annas), 60_000);
    await running.server.end('SIGKILL');
    running.server = await running.server.restart();
  }
  expect(annas.doc().text).toBe(endContent);
  await until('it is safe', () => anna.isSafe(annas), 60_000);
  await until('ben has it', () => bens.doc().text === endContent, 60_000);
  const exported = async (): Promise<unknown> => {
    const { stdout, stderr } = await syncline(['export', annas.documentId, '--data', folder.path]);
    expect(stderr).toBe('');
    return JSON.parse(stdout);
  };
  expect(await exported()).toEqual({ text: endContent });
  await running.server.end('SIGKILL');
  expect(await exported()).toEqual({ text: endContent });
});
