// Two replicas as processes of their own, and damage on the disk of one: its documents become whole again from the other, with what it
// had alone, and nobody else's notice.
import { describe, expect, it } from 'vitest';
import { Cluster, mesh } from '../support/cluster.ts';
import { damageRow, execute, rowsOf } from '../support/damage.ts';
import type { Replica } from '../support/replica.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { metricsOf, verify } from '../support/scrape.ts';
import { until } from '../support/until.ts';

const names = ['east', 'west'];
/** A scrub comes every ten seconds. */
const patienceMs = 60_000;
/** A tail of this size is compacted at once. */
const large = 'words '.repeat(60_000);

type Row = Parameters<typeof damageRow>[2];
type LogRow = { readonly sequence: number };

interface Case {
  readonly what: string;
  /** What is written at both before the cut. */
  readonly content: readonly string[];
  readonly isCompacted: boolean;
  row(data: string): Row;
}

const cases: readonly Case[] = [
  {
    what: 'an entry of the log',
    content: ['one ', 'two ', 'three '],
    isCompacted: false,
    row: (data) => ({ of: 'log', place: (rowsOf(data, 'notes')['log'] as LogRow[])[1]!.sequence }),
  },
  { what: 'a chunk', content: [large], isCompacted: true, row: () => ({ of: 'snapshot', place: 1 }) },
  { what: 'a version', content: [large], isCompacted: true, row: () => ({ of: 'snapshot', place: 0 }) },
];

describe.concurrent('damage of', () => {
  it.each(cases)(
    '[SCR2] $what, which somebody opens after a restart, is repaired from the other replica',
    async (each) => {
      await using cluster = await Cluster.start({ names, links: mesh(names) });
      const [east] = cluster.replicas as [Replica, Replica];
      const { text, bystander } = await prepared(cluster, each);
      await east.end('SIGTERM');
      const row = each.row(east.data);
      const damaged = damageRow(east.data, 'notes', row);
      await east.start();
      await using reader = new SdkClient({ url: east.server.sync });
      const notes = reader.open('notes');
      await until('the reader is turned away', () => notes.status.downloads.state === 'refused');
      expect(notes.status.downloads).toMatchObject({ error: { code: 'unavailable' } });
      // Nobody is linked: it stays as it is.
      await until('it is reported', () => saysOf(east, 'document-damaged').length > 0);
      expect(rowsOf(east.data, 'notes')['damaged']).toEqual([]);
      cluster.heal();
      await expectWhole(cluster, { text, bystander, row, damaged });
      notes.retry();
      await until('the reader has it', () => textOf(notes) === text, patienceMs);
    },
  );

  it.each(cases)(
    '[SCR1] $what is found though nobody opens anything, and what was written here alone is kept',
    async (each) => {
      await using cluster = await Cluster.start({ names, links: mesh(names) });
      const [east, west] = cluster.replicas as [Replica, Replica];
      const { text, bystander } = await prepared(cluster, each);
      const row = each.row(east.data);
      const damaged = damageRow(east.data, 'notes', row);
      cluster.heal();
      await expectWhole(cluster, { text, bystander, row, damaged });
      for (const { server } of [east, west]) {
        await using reader = new SdkClient({ url: server.sync });
        const notes = reader.open('notes');
        await until('the text is there', () => textOf(notes) === text);
        write(notes, '!');
        await notes.saved();
        await until('it is there', () => textOf(notes) === `${text}!`);
        notes.doc.transact(() => notes.doc.getText('content').delete(text.length, 1));
        await notes.saved();
        await cluster.agree();
      }
    },
  );
});

it.concurrent(
  '[SCR4] whoever has it open goes on, and is shown what only the other replica had',
  async () => {
    await using cluster = await Cluster.start({ names, links: mesh(names) });
    const [east, west] = cluster.replicas as [Replica, Replica];
    await cluster.live();
    await using anna = new SdkClient({ url: east.server.sync });
    const annas = anna.open('notes');
    await put(annas, ['one ', 'two ', 'three ']);
    await cluster.agree();
    cluster.cut();
    await using ben = new SdkClient({ url: west.server.sync });
    const bens = ben.open('notes');
    await bens.synced();
    write(bens, 'of ben ');
    await bens.saved();
    const [, entry] = rowsOf(east.data, 'notes')['log'] as LogRow[];
    damageRow(east.data, 'notes', { of: 'log', place: entry!.sequence });
    write(annas, 'of anna ');
    await annas.saved();
    cluster.heal();
    await until('it is repaired', () => saysOf(east, 'document-repaired').length > 0, patienceMs);
    await until('both have all', () => textOf(annas) === textOf(bens) && textOf(annas).includes('of ben'));
    expect(textOf(annas)).toContain('one two three ');
    expect(textOf(annas)).toContain('of anna');
    write(annas, 'and more');
    await annas.saved();
    await until('ben sees it', () => textOf(bens).includes('and more'));
    await cluster.agree();
    expect(anna.reported).toEqual([]);
  },
);

it.concurrent(
  '[SCR6] a document that was deleted elsewhere while it was damaged here is deleted here',
  async () => {
    await using cluster = await Cluster.start({ names, links: mesh(names) });
    const [east, west] = cluster.replicas as [Replica, Replica];
    const { text, bystander } = await prepared(cluster, cases[0]!);
    expect(text).not.toBe('');
    damageRow(east.data, 'notes', cases[0]!.row(east.data));
    await deleteAt(west);
    await east.restart();
    cluster.heal();
    await cluster.agree(patienceMs);
    await expectDeleted(east);
    expect(rowsOf(east.data, 'bystander')).toEqual(bystander);
  },
);

it.concurrent('[SCR5] a document whose own row is damaged keeps no other from being replicated', async () => {
  await using cluster = await Cluster.start({ names, links: mesh(names) });
  const [east, west] = cluster.replicas as [Replica, Replica];
  await prepared(cluster, cases[0]!);
  await east.end('SIGTERM');
  execute(east.data, "UPDATE document SET digest = zeroblob(16) WHERE name = 'notes'");
  await east.start();
  await using carl = new SdkClient({ url: east.server.sync });
  const plan = carl.open('plan');
  await put(plan, ['planned']);
  cluster.heal();
  await cluster.live();
  await using dora = new SdkClient({ url: west.server.sync });
  const doras = dora.open('plan');
  await until('it is at the other replica', () => textOf(doras) === 'planned');
  for (const replica of [east, west]) {
    const { links } = await verify(replica.server);
    expect(links).toMatchObject([{ outcome: 'divergent', documents: ['notes'] }]);
  }
  write(doras, ', and more');
  await until('it comes back', () => textOf(plan) === 'planned, and more');
  expect(saysOf(east, 'row-corrupt').length).toBeGreaterThan(0);
  expect(saysOf(east, 'internal-error')).toEqual([]);
  expect(saysOf(west, 'internal-error')).toEqual([]);
});

it.concurrent('[SCR2] what a deleted document held is told by the other replica again', async () => {
  await using cluster = await Cluster.start({ names, links: mesh(names) });
  const [east, west] = cluster.replicas as [Replica, Replica];
  await cluster.live();
  await using anna = new SdkClient({ url: east.server.sync });
  const annas = anna.open('notes');
  await put(annas, ['of old']);
  await cluster.agree();
  await deleteAt(west);
  await until('it is deleted here', () => annas.status.downloads.state === 'refused');
  await cluster.agree();
  const whole = rowsOf(east.data, 'notes')['burial'];
  await east.end('SIGTERM');
  damageRow(east.data, 'notes', { of: 'burial', place: 1 });
  await east.start();
  await cluster.live();
  await until('it is repaired', () => saysOf(east, 'document-repaired').length > 0, patienceMs);
  expect(rowsOf(east.data, 'notes')['burial']).toEqual(whole);
  await cluster.agree();
  await expectDeleted(east);
});

async function deleteAt({ server }: Replica): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(`${server.http}/v1/documents/notes`, { method: 'DELETE', headers });
  expect(status).toBe(200);
}

async function expectDeleted({ server }: Replica): Promise<void> {
  await using reader = new SdkClient({ url: server.sync });
  const notes = reader.open('notes');
  await until('it is refused', () => notes.status.downloads.state === 'refused');
  expect(notes.status.downloads).toMatchObject({ error: { code: 'document_deleted' } });
}

interface Prepared {
  readonly text: string;
  /** The rows of another document. */
  readonly bystander: Record<string, unknown[]>;
}

/** Two documents at both, then a cut, then something at east alone. */
async function prepared(cluster: Cluster, { content, isCompacted }: Case): Promise<Prepared> {
  const [east] = cluster.replicas as [Replica, Replica];
  await cluster.live();
  await using client = new SdkClient({ url: east.server.sync });
  await put(client.open('bystander'), ['by', 'stander']);
  const notes = client.open('notes');
  await put(notes, content);
  if (isCompacted)
    await until('it is compacted', () => rowsOf(east.data, 'notes')['snapshot']!.length > 0, patienceMs);
  await cluster.agree();
  cluster.cut();
  write(notes, 'of east alone');
  await notes.saved();
  return { text: textOf(notes), bystander: rowsOf(east.data, 'bystander') };
}

/** Writes each by itself, so that each is an entry of the log. */
async function put(document: ReturnType<SdkClient['open']>, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    write(document, text);
    await document.saved();
  }
}

async function expectWhole(
  cluster: Cluster,
  { text, bystander, row, damaged }: Prepared & { readonly row: Row; readonly damaged: Buffer },
): Promise<void> {
  const [east] = cluster.replicas as [Replica, Replica];
  await until('it is repaired', () => saysOf(east, 'document-repaired').length > 0, patienceMs);
  const aside = rowsOf(east.data, 'notes')['damaged'];
  expect(aside).toMatchObject([{ origin: row.of, place: row.place, data: damaged }]);
  await cluster.agree();
  expect(rowsOf(east.data, 'bystander')).toEqual(bystander);
  for (const { server } of cluster.replicas) {
    await using reader = new SdkClient({ url: server.sync });
    const notes = reader.open('notes');
    await until('the text is whole', () => textOf(notes) === text);
  }
  const metrics = await metricsOf(east.server);
  expect(metrics.get('scrub_docs_total{outcome="damaged"}')).toBe(1);
  expect(metrics.get('scrub_docs_total{outcome="repaired"}')).toBe(1);
  expect(saysOf(east, 'document-damaged').length).toBe(1);
  expect(saysOf(east, 'internal-error')).toEqual([]);
}

function saysOf({ server }: Replica, event: string): string[] {
  return server.log.filter((line) => line.includes(`"event":"${event}"`));
}
