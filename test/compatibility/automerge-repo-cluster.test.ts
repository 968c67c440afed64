import { expect, it } from 'vitest';
import { RepoClient } from '../support/automerge-repo-client.ts';
import { Cluster } from '../support/cluster.ts';
import { until } from '../support/until.ts';

it('[ARP18] clients at linked replicas type together, hear each other, and are told of each disk by itself', async () => {
  await using cluster = await Cluster.start({ names: ['east', 'west'], links: [['west', 'east']] });
  await cluster.live();
  const [east, west] = cluster.replicas;
  using anna = new RepoClient({ url: east!.server.automerge });
  using ben = new RepoClient({ url: west!.server.automerge, version: '2.6-alpha' });
  const annas = anna.create({ text: 'hello' });
  await until('it is safe', () => anna.isSafe(annas));
  // At the other replica it is not there until it has come.
  const find = () => ben.find(annas.url).catch(() => undefined);
  await until('it has come', async () => (await find()) !== undefined);
  const bens = (await find())!;
  bens.change((notes) => void (notes.text = 'hello ben'));
  await until('anna has it', () => annas.doc().text === 'hello ben');
  cluster.cut();
  annas.change((notes) => void (notes.items = { anna: 1 }));
  bens.change((notes) => void (notes.text = 'hello alone'));
  await until('both are safe where they are', () => anna.isSafe(annas) && ben.isSafe(bens));
  expect([annas.doc().text, bens.doc().items]).toEqual(['hello ben', undefined]);
  cluster.heal();
  await cluster.agree();
  await until(
    'both have everything',
    () => annas.doc().text === 'hello alone' && bens.doc().items !== undefined,
  );
  expect(annas.heads()).toEqual(bens.heads());
  const heard: unknown[] = [];
  annas.on('ephemeral-message', ({ message }) => heard.push(message));
  bens.broadcast({ hello: 1 });
  bens.broadcast({ hello: 2 });
  await until('anna hears ben', () => heard.length > 1);
  expect(heard).toEqual([{ hello: 1 }, { hello: 2 }]);
  expect(anna.serverStorageId).not.toBe(ben.serverStorageId);
});
