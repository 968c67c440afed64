// What a link costs when it is made again, in bytes on the wire of both directions, from the first byte of TCP to the last that comes
// before the next beat is due: the upgrade, both greetings, both resumptions and both first beats are in it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OfflineReplica } from '../support/offline-replica.ts';
import { linkTo, statusOf, verify } from '../support/scrape.ts';
import { documentNames, SeededPair } from '../support/seeded-pair.ts';

const documents = 4_000;
const changed = 1_500;

let pair: SeededPair;

beforeAll(async () => void (pair = await SeededPair.start(documents)));
afterAll(() => pair[Symbol.asyncDispose]());

async function countsOf(replica: 'east' | 'north', other: 'east' | 'north') {
  return linkTo(await statusOf(pair[replica].server), other).counts;
}

it('[REP37] with nothing changed it costs less than 2 KB, however many documents there are', async () => {
  await pair.verified();
  for (let times = 0; times < 2; times++) {
    const mark = pair.proxy.total;
    pair.proxy.drop();
    await pair.live();
    expect(await pair.quiet(mark)).toBeLessThan(2_000);
  }
  expect(await countsOf('north', 'east')).toMatchObject({ resumeAccepted: 2 });
});

it('[REP38] one document that differs, and is in no feed, is found and repaired for less than 50 KB', async () => {
  await pair.whileDown(async () => {
    await using east = await OfflineReplica.open(pair.east.data);
    await using north = await OfflineReplica.open(pair.north.data);
    await east.type(['notes/17'], 'hidden');
    await north.hasReadAllOf(east);
  });
  const mark = pair.proxy.total;
  await pair.live();
  expect(await verify(pair.north.server)).toMatchObject({
    links: [{ name: 'east', outcome: 'repaired', documents: ['notes/17'] }],
  });
  await pair.verified();
  expect(pair.proxy.total - mark).toBeLessThan(50_000);
  expect(await countsOf('north', 'east')).toMatchObject({ entriesFetched: 0, auditRepairedDocuments: 1 });
});

it('[REP39] what has changed while it was cut costs what those documents cost, and not all', async () => {
  await pair.whileDown(async () => {
    await using east = await OfflineReplica.open(pair.east.data);
    await east.type(documentNames(changed), 'anew');
  });
  const mark = pair.proxy.total;
  await pair.live();
  await pair.caughtUp();
  expect((await pair.quiet(mark)) / changed).toBeLessThan(200);
  expect(await countsOf('north', 'east')).toMatchObject({ resumeAccepted: 1, entriesFetched: changed });
  await pair.agree();
});
