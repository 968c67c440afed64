// What Automerge documents cost a server: processor time for a small change, room on the disk for many of them, and memory for a
// small document that is open.
import { setTimeout as delay } from 'node:timers/promises';
import type { AutomergeUrl } from '@automerge/automerge-repo';
import { temporaryFolder } from '../../support/server.ts';
import type { AutomergeCommand } from '../load/automerge.ts';
import type { Stages } from '../load/written-documents.ts';
import { type AutomergeServer, type AutomergeServerName, startAutomergeServer } from './automerge-server.ts';
import { diskKb, diskKbInUse } from './disk.ts';
import { LoadProcess } from './load-process.ts';
import { processorUs, residentKbOfAll } from './process-cost.ts';

const documents = 50;
/** So many that the servers are warm, and that those after it make up what is looked for on the disk. */
const warmUp = 4_000;
const changes = 5_000;

/**
 * What has been done to the documents before: next to nothing, or as much as to a page that somebody has worked on for hours.
 * No two are at the same stage, so that they are not all put in order at the same time.
 */
const stages = {
  new: { first: 0, more: 2 },
  page: { first: 1_000, more: 20 },
} as const satisfies Readonly<Record<string, Stages>>;
export type Kind = keyof typeof stages;
const kinds = Object.keys(stages) as Kind[];

/** Of each document that is opened; some 1 KB when it is saved. */
const small: Stages = { first: 100, more: 0 };
const fewOpen = 250;
const manyOpen = 1_250;
const restMs = 6_000;

export const automergeSize = {
  kinds,
  documents,
  warmUp,
  changes,
  stored: warmUp + changes,
  /** On average. */
  pageEdits: stages.page.first + (stages.page.more * documents) / 2,
  small,
  open: manyOpen - fewOpen,
  fewOpen,
  restMs,
};

export interface ChangesRun {
  readonly processorUs: number;
  /** All files in the folder, in blocks of the file system: when everything has come, and when the documents are at rest. */
  readonly diskKb: number;
  readonly restingDiskKb: number;
  /** Of that, when the server has ended. */
  readonly usedDiskKb: number;
}

export interface AutomergeRun {
  readonly of: Readonly<Record<Kind, ChangesRun>>;
  readonly kbPerDocument: number;
}

export async function measureAutomerge(name: AutomergeServerName): Promise<AutomergeRun> {
  const runs: (readonly [Kind, ChangesRun])[] = [];
  for (const kind of kinds) runs.push([kind, await measureChanges(name, stages[kind])]);
  const of = Object.fromEntries(runs) as Record<Kind, ChangesRun>;
  return { of, kbPerDocument: await measureOpenDocuments(name) };
}

async function measureChanges(name: AutomergeServerName, begun: Stages): Promise<ChangesRun> {
  using folder = temporaryFolder();
  let edited: Awaited<ReturnType<typeof measureEdits>>;
  let restingDiskKb: number;
  {
    await using server = await startAutomergeServer(name, folder.path);
    edited = await measureEdits(server, folder.path, begun);
    await server.atRest();
    restingDiskKb = diskKb(folder.path);
  }
  return { ...edited, restingDiskKb, usedDiskKb: diskKbInUse(folder.path) };
}

async function measureEdits(
  { url, pid }: AutomergeServer,
  folder: string,
  begun: Stages,
): Promise<Pick<ChangesRun, 'processorUs' | 'diskKb'>> {
  await using load = new LoadProcess<AutomergeCommand>('automerge');
  await load.ask({ do: 'join', url, documents, stages: begun });
  await load.ask({ do: 'edit', changes: warmUp });
  const before = processorUs(pid);
  await load.ask({ do: 'edit', changes });
  return { processorUs: (processorUs(pid) - before) / changes, diskKb: diskKb(folder) };
}

/** Of a server that has the documents on its disk and has just been started, while one client opens them. */
async function measureOpenDocuments(name: AutomergeServerName): Promise<number> {
  using folder = temporaryFolder();
  const filled = await fill(name, folder.path);
  await using server = await startAutomergeServer(name, folder.path);
  await using load = new LoadProcess<AutomergeCommand>('automerge');
  const openedKb = async (opened: readonly AutomergeUrl[]): Promise<number> => {
    await load.ask({ do: 'open', url: server.url, documents: opened });
    await delay(restMs);
    return residentKbOfAll(server.pid);
  };
  const few = await openedKb(filled.slice(0, fewOpen));
  const many = await openedKb(filled.slice(fewOpen));
  return (many - few) / automergeSize.open;
}

async function fill(name: AutomergeServerName, folder: string): Promise<AutomergeUrl[]> {
  await using server = await startAutomergeServer(name, folder);
  let filled: AutomergeUrl[];
  {
    await using load = new LoadProcess<AutomergeCommand>('automerge');
    filled = await load.ask<AutomergeUrl[]>({
      do: 'fill',
      url: server.url,
      documents: manyOpen,
      stages: small,
    });
  }
  await delay(restMs);
  return filled;
}
