// Writes a file anew with nothing but what is of use, beside the old one, and puts it in its place when it is on the disk: whenever this
// ends, one of the two is there as a whole. A file that is not there yet begins in the same way.
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { markForm, type PieceForm, placesFrom, pieceForm, type Row } from './change.ts';
import { replay, type Rows } from './draft.ts';
import { encodeHeader, frameHeaderBytes } from './frame.ts';
import { LogFile, syncFolderOf } from './log-file.ts';

interface Rewritten {
  readonly file: LogFile;
  readonly rows: Map<string, Row>;
}

/** Nobody but its owner reads what is in it. */
const ownerOnly = 0o600;

/** What a rewriting left that did not come to its end. */
export function leftover(path: string): string {
  return `${path}.new`;
}

/** `old` has the contents of the rows; none if there are none. */
export async function rewrite(path: string, rows: Rows, old?: LogFile): Promise<Rewritten> {
  const salt = randomBytes(8);
  const handle = await open(leftover(path), 'w+', ownerOnly);
  const file = new LogFile(handle, salt, 0);
  try {
    await file.add(encodeHeader(salt));
    const copied = new Map<string, Row>();
    for (const [document, row] of rows) await copy(file, { document, row, old: old!, copied });
    await file.sync();
    await rename(leftover(path), path);
    await syncFolderOf(path);
    return { file, rows: copied };
  } catch (error) {
    await file.close();
    await rm(leftover(path), { force: true }).catch(() => {});
    throw error;
  }
}

interface Copy {
  readonly document: string;
  readonly row: Row;
  readonly old: LogFile;
  readonly copied: Map<string, Row>;
}

async function copy(file: LogFile, { document, row, old, copied }: Copy): Promise<void> {
  const { engine, life, through, snapshot, entries, mark, unsaved } = row;
  const frame = file.frame();
  const start = file.bytes + frameHeaderBytes;
  const take = async (pieces: Parameters<LogFile['read']>[0]): Promise<PieceForm[]> =>
    (await old.read(pieces)).map((bytes) => pieceForm(frame.content(bytes)));
  const change = {
    document,
    engine,
    life,
    from: through - entries.length,
    snapshot: snapshot && { through: snapshot.through, pieces: await take(snapshot.pieces) },
    updates: await take(entries),
    mark: mark && markForm(mark),
    unsaved,
  };
  frame.change(change);
  await file.add(frame.encode());
  replay(copied, change, placesFrom(start));
}
