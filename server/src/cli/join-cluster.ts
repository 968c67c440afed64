// Sees to it that the digests of a data folder are those of its cluster, before a server accepts connections.
import type { Logger } from 'pino';
import { allEngines, stopEngines } from '../engine/engines.ts';
import { CostlyTask, type Engines } from '../port/engine.ts';
import { CommitFailed, CorruptRow } from '../port/journal.ts';
import type { SqliteJournal } from '../store/sqlite.ts';
import { UsageError } from './read-options.ts';
import { digestsOf } from './rekey.ts';

/** A line of the log for so many documents: some seconds' work. */
const documentsALine = 10_000;

export interface Joined {
  readonly engines: Engines;
  /** Whether engines and journal make their digests as the other replicas do. */
  readonly isOfCluster: boolean;
}

/**
 * The engines under the cluster's digest key, with the journal's digests made anew where they were under another one. A journal with
 * a document whose digest cannot be made or written keeps its own key, and is served alone; a UsageError where it should be replicated.
 */
export async function joinCluster(
  journal: SqliteJournal,
  cluster: { readonly digestKey: Uint8Array | undefined; readonly hasPeers: boolean },
  log: Logger,
): Promise<Joined> {
  const { digestKey, hasPeers } = cluster;
  if (digestKey === undefined) return { engines: allEngines(journal.digestKey), isOfCluster: false };
  const engines = allEngines(digestKey);
  if (Buffer.compare(digestKey, journal.digestKey) === 0) return { engines, isOfCluster: true };
  try {
    await rekey(journal, engines, digestKey, log);
    return { engines, isOfCluster: true };
  } catch (error) {
    await stopEngines(engines);
    if (!(error instanceof CorruptRow || error instanceof CostlyTask || error instanceof CommitFailed))
      throw error;
    const reason = error.message;
    log.error({ event: 'rekey-failed', reason }, 'the digests keep their key; no replica is let in');
    if (hasPeers) throw new UsageError(`The database cannot join the cluster: ${reason}.`);
    return { engines: allEngines(journal.digestKey), isOfCluster: false };
  }
}

async function rekey(journal: SqliteJournal, engines: Engines, key: Uint8Array, log: Logger): Promise<void> {
  log.info({ event: 'rekeying', documents: 0 }, 'making all digests anew, under the key of the cluster');
  let said = 0;
  const onProgress = (documents: number): void => {
    if (documents - said < documentsALine) return;
    said = documents;
    log.info({ event: 'rekeying', documents }, 'rekeying');
  };
  const digests = await digestsOf({ journal, engines, onProgress });
  await journal.rekey(key, digests);
  log.info({ event: 'rekeyed', documents: digests.length }, 'rekeyed');
}
