// The servers of the Automerge benchmark, each on a real folder that outlives it.
import { setTimeout as delay } from 'node:timers/promises';
import { metric } from '../../support/metric.ts';
import { ServerProcess } from '../../support/server.ts';
import { drained } from './drained.ts';
import { startProgram } from './program.ts';

export const automergeServers = ['syncline', 'automerge-repo'] as const;
export type AutomergeServerName = (typeof automergeServers)[number];

export interface AutomergeServer extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  /** Resolves when documents that nobody has open any more lie as they will from then on. */
  atRest(): Promise<void>;
}

const path = '/automerge';
/**
 * More than documents are left alone after their last reader has gone, than a save is put off, and than a database is left alone before
 * what it does not need is given back.
 */
const restMs = 5_000;

export async function startAutomergeServer(
  name: AutomergeServerName,
  folder: string,
): Promise<AutomergeServer> {
  if (name === 'syncline') return startSyncline(folder);
  const { pid, url, ...program } = await startProgram(name, folder);
  return { pid, url, ...program, atRest: () => delay(restMs) };
}

async function startSyncline(data: string): Promise<AutomergeServer> {
  const server = await ServerProcess.start({ data });
  return {
    pid: server.pid,
    url: `ws://127.0.0.1:${server.port}${path}`,
    async atRest() {
      let before: number;
      let compacted = await compactions(server);
      do {
        before = compacted;
        await delay(restMs);
        compacted = await compactions(server);
      } while (compacted > before);
    },
    [Symbol.asyncDispose]: () => drained(server),
  };
}

function compactions(server: ServerProcess): Promise<number> {
  return metric(server, 'compactions_total{outcome="done"}');
}
