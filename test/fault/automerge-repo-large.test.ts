// A large document that comes to a server which has nothing of it.
import * as A from '@automerge/automerge';
import { expect, it } from 'vitest';
import { type Notes, RepoClient } from '../support/automerge-repo-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

it('[ARP5] a document of very many changes is sent to the server whole, and typed in as before', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const changes = 12_000;
  let doc = A.from<Notes>({ text: '' });
  for (let change = 1; change < changes; change++)
    doc = A.change(doc, (notes) => A.splice(notes, ['text'], change - 1, 0, 'x'));
  using anna = new RepoClient({ url: server.automerge });
  let sentBytes = 0;
  const send = anna.adapter.send.bind(anna.adapter);
  anna.adapter.send = (message) => {
    if ('data' in message) sentBytes += message.data?.length ?? 0;
    send(message);
  };
  const annas = anna.repo.import<Notes>(A.save(doc));
  await until('it is safe', () => anna.isSafe(annas), 60_000);
  // One by one they have more than 100 bytes each.
  expect(sentBytes).toBeLessThan(changes * 5);
  using ben = new RepoClient({ url: server.automerge, version: '2.6-alpha' });
  const bens = await ben.find(annas.url);
  expect(bens.heads()).toEqual(annas.heads());
  const before = sentBytes;
  annas.change((notes) => A.splice(notes, ['text'], 0, 0, 'hello'));
  await until('ben has it', () => bens.doc().text!.startsWith('hello'));
  await until('it is safe', () => anna.isSafe(annas));
  expect(sentBytes - before).toBeLessThan(1_000);
});
