// Three replicas as processes of their own, and people typing at each: whatever is cut, killed or put back meanwhile, all of them
// end with the same documents, and with every line that was acknowledged.
import { describe, expect, it } from 'vitest';
import { chain, Cluster, type Links, mesh } from '../support/cluster.ts';
import { syncline } from '../support/command.ts';
import type { Replica } from '../support/replica.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { linkTo, statusOf } from '../support/scrape.ts';
import { temporaryFolder } from '../support/server.ts';
import { linesOf, SdkTypist, StockTypist, type Typist } from '../support/typist.ts';
import { until } from '../support/until.ts';

const names = ['east', 'north', 'west'];
const lines = 40;

/** Two at each replica: one with the SDK, one with a stock client. */
function typistsAt({ replicas }: Cluster, document: string): Typist[] {
  return replicas.flatMap((replica) => [
    new SdkTypist({ replica, document, name: `${replica.name}-sdk` }),
    new StockTypist({ replica, document, name: `${replica.name}-stock` }),
  ]);
}

async function closing(typists: readonly Typist[]): Promise<void> {
  await Promise.all(typists.map((typist) => typist[Symbol.asyncDispose]()));
}

/** All type in turn, each as soon as the line before has been put in. */
async function typeAll(typists: readonly Typist[]): Promise<void> {
  for (let line = 0; line < lines; line++) {
    for (const typist of typists) typist.type();
    await new Promise(setImmediate);
  }
}

/** What a folder holds of a document, as an operator exports it. */
async function exported({ data }: Replica, document: string): Promise<string> {
  const { status, stdout, stderr } = await syncline(['export', document, '--data', data, '--format', 'text']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

/** Expects that all clients and all folders have the same text, with these lines and no others. */
async function expectSame(
  cluster: Cluster,
  typists: readonly Typist[],
  wanted: readonly string[],
): Promise<void> {
  const [first] = typists;
  await until('all clients have the same text', () => typists.every(({ text }) => text === first!.text));
  expect(new Set(wanted)).toEqual(linesOf(first!.text));
  const { document } = first!;
  const texts = await Promise.all(cluster.replicas.map((replica) => exported(replica, document)));
  for (const text of texts) expect(text).toContain(first!.text);
}

/** Resolves when each replica says that all were equal at a time after this call. */
async function verified(cluster: Cluster): Promise<void> {
  const sinceMs = Date.now();
  await until('every replica says that all are equal', async () => {
    const statuses = await cluster.statuses();
    return statuses.every(({ verifiedAtMs = 0 }) => verifiedAtMs > sinceMs);
  });
}

function admin({ server }: Replica, method: string, path: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${server.http}/v1/documents/${path}`, { method, headers });
}

describe('three replicas', () => {
  it.concurrent.each<[string, Links]>([
    ['chain', chain(names)],
    ['mesh', mesh(names)],
  ])('[REP30] in a %s are equal after each was written to alone', async (_, links) => {
    await using cluster = await Cluster.start({ names, links, latencyMs: 2, jitterMs: 8 });
    const typists = typistsAt(cluster, 'notes');
    await cluster.live();
    await Promise.all(typists.map((typist) => typist.synced()));
    await typeAll(typists);
    cluster.cut();
    await typeAll(typists);
    // Nobody waits for a replica that is away.
    await Promise.all(typists.map((typist) => typist.saved()));
    const statuses = await cluster.statuses();
    expect(statuses.flatMap((status) => status.links.map(({ isConnected }) => isConnected))).not.toContain(
      true,
    );
    cluster.heal();
    await cluster.agree();
    await expectSame(
      cluster,
      typists,
      typists.flatMap(({ acknowledged }) => [...acknowledged]),
    );
    await verified(cluster);
    await closing(typists);
  });

  it('[REP31] a document that is deleted at one is deleted at all, and begins anew at all', async () => {
    await using cluster = await Cluster.start({ names, links: chain(names) });
    const [east, north, west] = cluster.replicas as [Replica, Replica, Replica];
    await using anna = new SdkClient({ url: east.server.sync });
    await using carl = new SdkClient({ url: west.server.sync });
    const [annas, carls] = [anna.open('plan'), carl.open('plan')];
    write(annas, 'of old');
    await until('it has come', () => textOf(carls) === 'of old');
    cluster.link('west', 'north').cut();
    expect((await admin(east, 'DELETE', 'plan')).status).toBe(200);
    await until('anna is told', () => annas.status.downloads.state === 'refused');
    write(carls, ', and more');
    await carls.saved();
    cluster.heal();
    await until('carl is told', () => carls.status.downloads.state === 'refused');
    expect(carls.status.downloads).toMatchObject({ error: { code: 'document_deleted' } });
    // What he wrote stays with him.
    expect(textOf(carls)).toBe('of old, and more');
    await cluster.agree();
    expect((await admin(north, 'POST', 'plan/undelete')).status).toBe(200);
    await cluster.agree();
    for (const [at, { server }] of [east, north, west].entries()) {
      await using reader = new SdkClient({ url: server.sync });
      const plan = reader.open('plan');
      await plan.synced();
      expect(textOf(plan)).toBe('anew'.repeat(at));
      write(plan, 'anew');
      await plan.saved();
      await cluster.agree();
    }
    carls.retry();
    await until('what carl has still is refused', () => carls.status.downloads.state === 'refused');
    await cluster.agree();
    expect(await exported(east, 'plan')).not.toContain('of old');
  });

  it('[REP32] one that is killed and put back to an earlier copy gets everything again that anybody has', async () => {
    await using cluster = await Cluster.start({ names, links: mesh(names) });
    const [east] = cluster.replicas as [Replica, Replica, Replica];
    using copy = temporaryFolder();
    await cluster.live();
    const typists = typistsAt(cluster, 'notes');
    await Promise.all(typists.map((typist) => typist.synced()));
    await typeAll(typists);
    await cluster.agree();
    await east.backup(copy.path);
    await typeAll(typists);
    await Promise.all(typists.map((typist) => typist.saved()));
    await cluster.agree();
    await east.end('SIGKILL');
    await typeAll(typists);
    await east.restore(copy.path);
    await east.start();
    await Promise.all(typists.map((typist) => typist.saved()));
    await cluster.agree();
    await expectSame(
      cluster,
      typists,
      typists.flatMap(({ typed }) => typed),
    );
    // They have read more of it than there is: they go on from a point that it still knows, or compare all.
    const others = await Promise.all(cluster.replicas.slice(1).map(({ server }) => statusOf(server)));
    for (const other of others) {
      const { resumeDrained, resumeAudit, resumeFull } = linkTo(other, 'east').counts;
      // The first time there was nothing to go on from; an earlier point may have been the beginning, too.
      expect(resumeDrained + resumeAudit + resumeFull).toBeGreaterThan(1);
    }
    await closing(typists);
  });

  it('[REP33] people at one are seen at all, as far as they are linked, until they go', async () => {
    await using cluster = await Cluster.start({ names, links: chain(names) });
    const [east, north, west] = cluster.replicas as [Replica, Replica, Replica];
    await cluster.live();
    const typists = [east, north, west].map(
      (replica) => new StockTypist({ replica, document: 'notes', name: replica.name }),
    );
    await Promise.all(typists.map((typist) => typist.synced()));
    for (const typist of typists) typist.present({ name: typist.name });
    const seen = (typist: StockTypist): string[] =>
      typist
        .present()
        .map(({ name }) => String(name))
        .toSorted();
    await until('all see all', () => typists.every((typist) => seen(typist).length === names.length));
    for (const typist of typists) expect(seen(typist)).toEqual(names);
    const [anna, ben, carl] = typists as [StockTypist, StockTypist, StockTypist];
    await carl[Symbol.asyncDispose]();
    await until('carl is gone', () => [anna, ben].every((typist) => !seen(typist).includes('west')));
    await closing([anna, ben]);
  });
});
