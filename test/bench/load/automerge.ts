// The load of the Automerge benchmark: unchanged Repos with the WebSocket adapter that belongs to them, in a process of their
// own so that no client's work is taken for the server's.
import { setTimeout as delay } from 'node:timers/promises';
import type { AutomergeUrl } from '@automerge/automerge-repo';
import { type Notes, RepoClient } from '../../support/automerge-repo-client.ts';
import { until } from '../../support/until.ts';
import { EditedPair } from './automerge-pair.ts';
import { answerCommands } from './commands.ts';
import { type Stages, writtenDocuments } from './written-documents.ts';

export type AutomergeCommand =
  | { readonly do: 'join'; readonly url: string; readonly documents: number; readonly stages: Stages }
  | { readonly do: 'edit'; readonly changes: number }
  | { readonly do: 'fill'; readonly url: string; readonly documents: number; readonly stages: Stages }
  | { readonly do: 'open'; readonly url: string; readonly documents: readonly AutomergeUrl[] };

/** What the servers put off past the last delivery, such as saving, is their work all the same. */
const settleMs = 1_000;
/** Documents that are made, or opened, at a time. */
const atOnce = 50;
const allMs = 100_000;

const pairs: EditedPair[] = [];
/** One for `fill`, one for `open`; kept, so that what is open stays so. */
let client: RepoClient | undefined;

answerCommands((command: AutomergeCommand): Promise<unknown> => {
  switch (command.do) {
    case 'join':
      return join(command);
    case 'edit':
      return edit(command);
    case 'fill':
      return fill(command);
    case 'open':
      return open(command);
  }
});

/** Each document has a writer and a reader, and each of them a Repo and a socket of its own. */
async function join({ url, documents, stages }: Extract<AutomergeCommand, { do: 'join' }>): Promise<void> {
  for (const written of writtenDocuments(documents, stages)) pairs.push(await EditedPair.open(url, written));
}

async function edit({ changes }: Extract<AutomergeCommand, { do: 'edit' }>): Promise<void> {
  await Promise.all(pairs.map((pair) => pair.edit(changes / pairs.length)));
  await until('the writers know that it is safe', () => pairs.every(({ isSettled }) => isSettled), allMs);
  await delay(settleMs);
}

/** Gives the documents' URLs when the server says that it has all of them. */
async function fill({
  url,
  documents,
  stages,
}: Extract<AutomergeCommand, { do: 'fill' }>): Promise<AutomergeUrl[]> {
  const filling = await new RepoClient({ url }).connected();
  client = filling;
  return inTurn(writtenDocuments(documents, stages), async (written) => {
    const handle = filling.repo.import<Notes>(written);
    await until('the server has the document', () => filling.isSafe(handle), allMs);
    return handle.url;
  });
}

async function open({ url, documents }: Extract<AutomergeCommand, { do: 'open' }>): Promise<void> {
  client ??= await new RepoClient({ url }).connected();
  const opening = client;
  await inTurn(documents, async (document) => {
    const handle = await opening.find(document);
    if (handle.doc().text === '') throw new Error('a document came without its content');
  });
}

async function inTurn<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  while (results.length < items.length) {
    const next = items.slice(results.length, results.length + atOnce);
    results.push(...(await Promise.all(next.map(act))));
  }
  return results;
}
