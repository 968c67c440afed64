// What a write does to a document, decided from what is kept of it: the same in every store.
import type { EngineName } from '../sync/content.ts';
import type { LocalWrite, LocalWritten, Unsaved } from './store.ts';

/** What a decision needs to know of a document. */
interface Standing {
  readonly engine: EngineName;
  readonly life: string;
  /** The number of the last entry. */
  readonly through: number;
  readonly snapshot: { readonly through: number } | undefined;
}

export interface Plan {
  readonly is: 'planned';
  readonly life: string;
  /** The number of the last entry before those that are added. */
  readonly from: number;
  readonly updates: readonly Uint8Array[];
  readonly snapshot: NonNullable<LocalWrite['snapshot']> | undefined;
}

export function planWrite(
  kept: Standing | undefined,
  write: LocalWrite,
): Plan | Exclude<LocalWritten, { is: 'written' }> {
  if (write.life !== undefined && write.life !== kept?.life) return { is: 'of-another-life' };
  if (kept && kept.engine !== write.engine) return { is: 'of-another-engine', engine: kept.engine };
  const plan = { is: 'planned', life: kept?.life ?? newLife(), from: kept?.through ?? 0 } as const;
  const { updates, snapshot } = write;
  // Whoever names no life has read nothing of this one: its number says nothing here, so what is in the snapshot is added.
  if (snapshot && kept && write.life === undefined)
    return { ...plan, updates: [...snapshot.bytes, ...updates], snapshot: undefined };
  if (!snapshot || snapshot.through < (kept?.snapshot?.through ?? 0))
    return { ...plan, updates, snapshot: undefined };
  // Nobody can have seen an entry that is not there yet; those that come next must not be taken for covered.
  return { ...plan, updates, snapshot: { ...snapshot, through: Math.min(snapshot.through, plan.from) } };
}

/** Whether a tab has said nothing else since. */
export function isStill(kept: Unsaved | undefined, { tab, edits, sinceMs }: Unsaved): boolean {
  return kept?.tab === tab && kept.edits === edits && kept.sinceMs === sinceMs;
}

/** Not `randomUUID`, which a browser has for pages over HTTPS alone. */
function newLife(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
