// One document, open through the SDK and in stock clients of automerge-repo.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as A from '@automerge/automerge';
import type { AutomergeDocument } from '@syncline/client/automerge';
import { BothClient, storedNotes } from '../support/automerge-client.ts';
import { type Notes, RepoClient, type RepoVersion, stockRepos } from '../support/automerge-repo-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

describe.each(Object.keys(stockRepos) as RepoVersion[])('beside automerge-repo %s', (version) => {
  let folder: ReturnType<typeof temporaryFolder>;
  let server: ServerProcess;

  beforeAll(async () => {
    folder = temporaryFolder();
    server = await ServerProcess.start({ data: folder.path });
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const open = ({ client }: BothClient, name: string): AutomergeDocument<Notes> =>
    client.open<Notes>(name, { engine: 'automerge' });

  it('[SDK15] [CNV1] a document is found by its URL, and edited both ways', async () => {
    await using anna = new BothClient({ url: server.sync });
    using ben = await new RepoClient({ url: server.automerge, version }).connected();
    const hers = open(anna, 'notes/of both');
    hers.change((notes) => void (notes.text = 'anna'));
    await hers.saved();
    const his = await ben.find(hers.url);
    expect(his.doc()).toEqual({ text: 'anna' });
    his.change((notes) => A.splice(notes, ['text'], 4, 0, ', ben'));
    await until('anna has it', () => hers.current.text === 'anna, ben');
    hers.change((notes) => A.splice(notes, ['text'], 9, 0, ', anna again'));
    await until('ben has it', () => his.doc().text === 'anna, ben, anna again');
    await hers.saved();
    expect(storedNotes(folder.path, 'notes/of both')).toEqual(hers.current);
    expect(anna.reported).toEqual([]);
  });

  it('[SDK15] [CNV1] one that such a client has created is opened by the id in its URL', async () => {
    await using anna = new BothClient({ url: server.sync });
    using ben = await new RepoClient({ url: server.automerge, version }).connected();
    const his = ben.create({ text: 'ben' });
    await until('it is on the server', () => ben.isSafe(his));
    const hers = open(anna, his.documentId);
    await hers.synced();
    expect([hers.current, hers.url]).toEqual([{ text: 'ben' }, his.url]);
  });

  it('[SDK17] [NAT13] what one says is heard by the other, as the value that it was', async () => {
    await using anna = new BothClient({ url: server.sync });
    using ben = await new RepoClient({ url: server.automerge, version }).connected();
    const hers = open(anna, 'notes/said');
    hers.change((notes) => void (notes.text = ''));
    await hers.saved();
    const his = await ben.find(hers.url);
    const [heardHere, heardThere]: [unknown[], unknown[]] = [[], []];
    hers.ephemeral.listen((value) => heardHere.push(value));
    his.on('ephemeral-message', ({ message }) => heardThere.push(message));
    const values = [
      { cursor: 3, at: Date.now() },
      'text',
      [1.5, null, true],
      { deep: { deeper: [2 ** 40, -7] } },
    ];
    for (const value of values) hers.ephemeral.send(value);
    await until('ben has heard all', () => heardThere.length === values.length);
    for (const value of values) his.broadcast(value);
    await until('anna has heard all', () => heardHere.length === values.length);
    expect([heardThere, heardHere]).toEqual([values, values]);
  });
});
