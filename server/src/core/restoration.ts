// Makes a damaged document whole: what is intact of it here and what another replica has of it are built into one snapshot, which takes
// the place of all its rows at once. Knows nothing of how the copy came.
import type { Compaction, Stored } from '../port/engine.ts';
import type { Burial, Salvage, Salvaged } from '../port/journal.ts';
import type { CoreContext } from './context.ts';
import type { Document } from './document.ts';
import type { Life } from './visit.ts';

/** What another replica has of a document. */
export interface Copy {
  /** The life of it here that it was made for. */
  readonly life: Life;
  readonly updates: readonly Uint8Array[];
  /** What its last deleted incarnations held, oldest first. */
  readonly burials: readonly Uint8Array[];
}

/** A document that was restored, by the journal's number, and how many of its rows were damaged or missing. */
export interface Restored {
  readonly document: number;
  readonly rows: number;
}

/**
 * Gives undefined where it was not: if it has begun or ended a life meanwhile, or what it held when it was deleted is
 * nowhere. Nothing is taken in while it runs. Rejects with CommitFailed, CostlyTask, or CorruptRow if the document's own row is damaged.
 */
export async function restoreDocument(
  document: Document,
  copy: Copy,
  context: CoreContext,
): Promise<Restored | undefined> {
  const { journal } = context;
  let restored: Restored | undefined;
  document.visitorIs(true);
  try {
    await document.whileSuspended(async () => {
      const salvage = await journal.salvage(document.name);
      if (!salvage || !isOf(copy.life, salvage)) return;
      const burials = burialsOf(salvage, copy);
      if (!burials) return;
      const built = salvage.isDeleted ? undefined : await build(salvage, copy, context);
      const digest = built?.digest ?? salvage.digest;
      const sequence = await journal.restore({
        salvaged: salvagedOf(salvage),
        snapshot: built && { version: built.version, chunks: built.chunks },
        digest,
        quarantined: built ? built.rejected.map((index) => built.tail[index]!) : [],
        burials,
      });
      document.restored(salvage, sequence, digest);
      restored = { document: salvage.document, rows: salvage.damagedRows };
    });
  } finally {
    document.visitorIs(false);
  }
  // What they have sent may have been in what was damaged.
  if (restored) for (const channel of document.channels) channel.resynchronise();
  return restored;
}

/** Without the content, which need not cross to another thread again. */
function salvagedOf({ document, sequence, incarnation, through, entries }: Salvage): Salvaged {
  return { document, sequence, incarnation, through, entries };
}

function isOf(life: Life, { incarnation, isDeleted }: Salvage): boolean {
  return life.incarnation === incarnation && life.isDeleted === isDeleted;
}

/** Undefined where the last of them is neither intact nor in the copy: whoever has some of it would bring it back. */
function burialsOf({ burials, incarnation, isDeleted }: Salvage, copy: Copy): Burial[] | undefined {
  const last = isDeleted ? incarnation : incarnation - 1;
  const first = last - copy.burials.length + 1;
  const known = new Map(copy.burials.map((version, index) => [first + index, version]));
  for (const { incarnation: each, version } of burials) known.set(each, version);
  if (last > 0 && !known.has(last)) return undefined;
  return Array.from(known, ([each, version]) => ({ incarnation: each, version }));
}

async function build(
  salvage: Salvage,
  copy: Copy,
  { engines }: CoreContext,
): Promise<Compaction & { readonly tail: readonly Uint8Array[] }> {
  const tail = [...salvage.updates, ...copy.updates];
  const stored: Stored = { version: undefined, chunks: [], tail };
  const engine = engines.get(salvage.engine)!;
  // What cannot be built is kept in the pieces in which it lies here and came.
  const folded = (): Promise<Compaction> => engine.fold(stored);
  const compaction = salvage.isCostly ? await folded() : await engine.compact(stored).catch(folded);
  return { ...compaction, tail };
}
