// Automerge documents on several replicas: fed, pushed, audited and deleted like those of Yjs, and never taken for one of them.
import * as A from '@automerge/automerge';
import { expect, it } from 'vitest';
import { append, begun, BothClient, type NotesDocument, storedNotes } from '../support/automerge-client.ts';
import { chain, Cluster, mesh } from '../support/cluster.ts';
import type { Replica } from '../support/replica.ts';
import { linkTo, metricsOf, statusOf } from '../support/scrape.ts';
import { textOf, write } from '../support/sdk-client.ts';
import { until } from '../support/until.ts';

const names = ['east', 'north', 'west'];
/** More than a page of the feed lists, changes of one document, and a tail that is compacted. */
const changes = 300;

function clientsAt({ replicas }: Cluster): BothClient[] {
  return replicas.map(({ server }) => new BothClient({ url: server.sync }));
}

const headsOf = ({ current }: NotesDocument): string => A.getHeads(current).join();

async function audited({ replicas }: Cluster): Promise<number> {
  const metrics = await Promise.all(replicas.map(({ server }) => metricsOf(server)));
  const repaired = metrics.flatMap((each) =>
    [...each].filter(([name]) => name.startsWith('audit_repaired_docs_total')).map(([, value]) => value),
  );
  return repaired.reduce((sum, value) => sum + value, 0);
}

it.concurrent(
  '[REP48] an Automerge document that was edited at each of three replicas is one after they meet',
  async () => {
    await using cluster = await Cluster.start({ names, links: chain(names) });
    const clients = clientsAt(cluster);
    await cluster.live();
    const [first, ...others] = clients.map((client, at) =>
      client.notes('notes', at === 0 ? begun(['first']) : undefined),
    ) as [NotesDocument, ...NotesDocument[]];
    await first.saved();
    const notes = [first, ...others];
    await until('all have begun with it', () => others.every(({ current }) => current.lines?.length === 1));
    cluster.cut();
    for (let change = 0; change < changes; change++) {
      for (const [at, each] of notes.entries())
        if (change % 3 === 0) each.change(({ lines }) => void lines.push(`${at}/${change}`));
        else append(each, 'abc'[at]!);
      if (change % 50 === 0) await new Promise(setImmediate);
    }
    // Nobody waits for a replica that is away.
    await Promise.all(notes.map((each) => each.saved()));
    expect(new Set(notes.map(headsOf)).size).toBe(3);
    cluster.heal();
    await cluster.agree();
    await until('all clients have the same', () => new Set(notes.map(headsOf)).size === 1);
    expect(first.current.lines).toHaveLength(1 + changes);
    expect(first.current.text).toHaveLength(2 * changes);
    for (const each of others) expect(each.current).toEqual(first.current);
    expect(await audited(cluster)).toBe(0);
    for (const { data } of cluster.replicas) expect(storedNotes(data, 'notes')).toEqual(first.current);
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  },
);

it.concurrent('[REP48] it is deleted at all, and begins anew at all', async () => {
  await using cluster = await Cluster.start({ names, links: mesh(names) });
  const [east, , west] = cluster.replicas as [Replica, Replica, Replica];
  await using anna = new BothClient({ url: east.server.sync });
  await using carl = new BothClient({ url: west.server.sync });
  const hers = anna.notes('plan', begun(['of old']));
  await hers.saved();
  const his = carl.notes('plan');
  await until('it has come', () => his.current.lines?.length === 1);
  const path = `${east.server.http}/v1/documents/plan`;
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(path, { method: 'DELETE', headers })).status).toBe(200);
  await until('both are told', () => [hers, his].every(({ status }) => status.downloads.state === 'refused'));
  his.close();
  await cluster.agree();
  expect((await fetch(`${path}/undelete`, { method: 'POST', headers })).status).toBe(200);
  await cluster.agree();
  await using dora = new BothClient({ url: west.server.sync });
  const anew = dora.notes('plan', begun(['anew']));
  await anew.saved();
  hers.retry();
  await cluster.agree();
  expect(hers.status.downloads).toMatchObject({ error: { code: 'document_deleted' } });
  expect(storedNotes(east.data, 'plan').lines).toEqual(['anew']);
});

it.concurrent(
  '[REP49] a name under which two replicas have documents of two engines is stuck, and nothing else is',
  async () => {
    await using cluster = await Cluster.start({ names: ['east', 'north'], links: chain(['east', 'north']) });
    const [east, north] = cluster.replicas as [Replica, Replica];
    await cluster.live();
    cluster.cut();
    await using anna = new BothClient({ url: east.server.sync });
    await using ben = new BothClient({ url: north.server.sync });
    const page = anna.open('both');
    write(page, 'of yjs');
    const notes = ben.notes('both', begun(['of automerge']));
    const other = ben.notes('other', begun(['passed on']));
    await Promise.all([page.saved(), notes.saved(), other.saved()]);
    cluster.heal();
    for (const [replica, peer] of [
      [east, 'north'],
      [north, 'east'],
    ] as const) {
      await until('it is named in the status', async () => {
        const { stuckDocuments } = linkTo(await statusOf(replica.server), peer);
        return stuckDocuments.some(({ document, code }) => document === 'both' && code === 'wrong_engine');
      });
    }
    const passedOn = anna.notes('other');
    await until('the other one is there', () => passedOn.current.lines?.[0] === 'passed on');
    append(notes, ', still');
    await notes.saved();
    write(page, ', still');
    await page.saved();
    expect([textOf(page), notes.current.text]).toEqual(['of yjs, still', ', still']);
  },
);
