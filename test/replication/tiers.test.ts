import { SyncError } from '@syncline/shared';
import { expect, it } from 'vitest';
import { chain, Cluster } from '../support/cluster.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { until } from '../support/until.ts';

/** Names of three replicas, each linked with the one before it. */
const names = ['lisbon', 'oslo', 'cairo'];

it('[REP2] [SDK12] what is saved on replicas is there, on those that are linked and on those beyond', async () => {
  await using cluster = await Cluster.start({ names, links: chain(names) });
  await cluster.live();
  const [lisbon, oslo, cairo] = cluster.replicas;
  await using writer = new SdkClient({ url: lisbon!.server.sync });
  const notes = writer.open('notes');
  await notes.synced();
  for (const [letter, replicas] of ['one', 'two', 'three'].map((word, at) => [word, at + 1] as const)) {
    write(notes, letter);
    await notes.saved({ tier: { replicas } });
    for (const replica of [lisbon!, oslo!, cairo!].slice(0, replicas)) {
      await using reader = new SdkClient({ url: replica.server.sync });
      const copy = reader.open('notes');
      await copy.synced();
      expect([replica.name, textOf(copy)]).toEqual([replica.name, textOf(notes)]);
    }
  }
});

it('[REP2] [SDK12] one that is away is waited for, by its name, and nothing is claimed of it', async () => {
  await using cluster = await Cluster.start({ names, links: chain(names) });
  await cluster.live();
  const [lisbon, , cairo] = cluster.replicas;
  await using writer = new SdkClient({ url: lisbon!.server.sync });
  const notes = writer.open('notes');
  await notes.synced();
  write(notes, 'before');
  await notes.saved({ tier: { replicas: 3 } });
  expect(notes.status.uploads.awaited).toEqual([]);

  await cairo!.end();
  write(notes, 'after');
  await notes.saved({ tier: { replicas: 2 } });
  let isHeld = false;
  const saved = notes.saved({ tier: { replicas: 3 } }).then(() => (isHeld = true));
  await until('somebody is waited for', () => notes.status.uploads.awaited.length > 0);
  expect(notes.status.uploads).toMatchObject({ isSaved: true, awaited: ['cairo'] });
  expect(isHeld).toBe(false);

  await cairo!.start();
  await saved;
  expect(notes.status.uploads.awaited).toEqual([]);
});

it('[SDK12] a tier that nobody can give is refused at once, and a document that is deleted ends the waiting', async () => {
  await using cluster = await Cluster.start({ names: ['lisbon'], links: [] });
  const [lisbon] = cluster.replicas;
  await using writer = new SdkClient({ url: lisbon!.server.sync });
  const notes = writer.open('notes');
  await expect(notes.saved({ tier: { replicas: 0 } })).rejects.toThrow(RangeError);
  write(notes, 'here');
  await notes.saved({ tier: { replicas: 1 } });
  const saved = notes.saved({ tier: { replicas: 2 } });
  const headers = { 'content-type': 'application/json' };
  await fetch(`${lisbon!.server.http}/v1/documents/notes`, { method: 'DELETE', headers });
  await expect(saved).rejects.toThrow(new SyncError('document_deleted').message);
});
