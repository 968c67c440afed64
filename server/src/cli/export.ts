// The export command: one document's content on standard output, read beside a server that may be running.
import { bytesOfDocumentId, documentName, SyncError } from '@syncline/shared';
import { allEngines, stopEngines } from '../engine/engines.ts';
import { CostlyTask } from '../port/engine.ts';
import { CorruptRow } from '../port/journal.ts';
import { databasePath } from '../store/open.ts';
import { Reader } from '../store/reader.ts';
import type { exportOptions, Options } from './options.ts';
import { UsageError } from './read-options.ts';

/** Rejects with UsageError when there is no such document, or it cannot be exported. */
export async function exportDocument(name: string, options: Options<typeof exportOptions>): Promise<string> {
  // An export compares no digests, so any key serves.
  const engines = allEngines(new Uint8Array(16));
  try {
    const { engine, stored } = read(name, options.data);
    const known = engines.get(engine);
    if (!known) throw new UsageError(`The document is of an engine that is not known here: ${engine}.`);
    return await known.export(stored, options.format);
  } catch (error) {
    if (error instanceof CostlyTask)
      throw new UsageError(`The document costs too much to be built: ${error.message}.`);
    if (error instanceof SyncError) throw new UsageError(error.message);
    throw error;
  } finally {
    await stopEngines(engines);
  }
}

/** The name of what automerge-repo calls by an id, or by a URL with it. */
function nameOf(reader: Reader, text: string): string {
  const id = text.replace(/^automerge:/, '');
  const bytes = bytesOfDocumentId(id);
  return (bytes && reader.listings.named(bytes)) ?? id;
}

function read(name: string, folder: string) {
  let reader: Reader;
  try {
    reader = new Reader(databasePath(folder));
  } catch (error) {
    throw new UsageError(`There is no database to read in ${folder}: ${(error as Error).message}.`);
  }
  try {
    const head = reader.head(documentName(name)) ?? reader.head(documentName(nameOf(reader, name)));
    if (!head) throw new UsageError(`There is no document ${name} in ${folder}.`);
    if (head.isDeleted) throw new UsageError(`The document ${name} has been deleted.`);
    const { snapshot } = head;
    const chunks = snapshot && reader.chunks(head.document, snapshot.through, 0, Infinity);
    if (chunks === 'replaced') throw new UsageError('The document was compacted meanwhile; try again.');
    const tail = head.tail.flatMap((entry) => entry.updates);
    return {
      engine: head.engine,
      stored: { version: snapshot?.version, chunks: chunks?.chunks ?? [], tail },
    };
  } catch (error) {
    if (error instanceof CorruptRow || error instanceof SyncError) throw new UsageError(`${error.message}.`);
    throw error;
  } finally {
    reader.close();
  }
}
