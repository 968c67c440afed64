// A document of a journal in memory, each state of it immutable: what follows when something is committed, and how it reads.
import {
  type ChunkPage,
  CommitFailed,
  CorruptRow,
  type Draft,
  type Entry,
  type Head,
  type Listing,
  type LogPage,
  type Replacement,
  type Restoration,
  type Salvage,
  type Sequence,
} from '../port/journal.ts';
import { follows } from './succession.ts';

export interface StoredDocument extends Listing {
  readonly id: number;
  readonly isCostly: boolean;
  /** By incarnation, in that order. */
  readonly burials: readonly (readonly [incarnation: number, version: Uint8Array])[];
  readonly snapshot: StoredSnapshot | undefined;
  readonly tail: readonly Entry[];
  /** What of it cannot be read, for tests of what then happens. */
  readonly damage: readonly DamagedRow[];
}

/** A row that is damaged: an entry by its sequence, a part of the snapshot, 0 being its version, or a burial by its incarnation. */
export interface DamagedRow {
  readonly of: 'log' | 'snapshot' | 'burial';
  readonly place: number;
}

interface StoredSnapshot {
  readonly through: Sequence;
  readonly version: Uint8Array;
  readonly chunks: readonly Uint8Array[];
}

/** What a document is after a draft; `known` is undefined for one that was not there. Throws CommitFailed. */
export function afterDraft(
  known: StoredDocument | undefined,
  draft: Draft,
  { id, name, sequence }: Pick<StoredDocument, 'id' | 'name' | 'sequence'>,
): StoredDocument {
  const { engine, digest, incarnation, updates, burial } = draft;
  const isDeleted = burial !== undefined;
  if (!follows(known, { ...draft, isBurial: isDeleted })) {
    throw new CommitFailed('the draft does not follow the document as it is');
  }
  const entry: Entry = { sequence, updates: updates.map((update) => update.slice()) };
  const kept = isDeleted ? undefined : known;
  return {
    id,
    name,
    engine,
    sequence,
    digest,
    incarnation,
    isDeleted,
    burials: buriedWith(known?.burials ?? [], incarnation, burial),
    isCostly: kept?.isCostly ?? false,
    snapshot: kept?.snapshot,
    tail: [...(kept?.tail ?? []), entry],
    damage: (known?.damage ?? []).filter((row) => kept !== undefined || row.of === 'burial'),
  };
}

/** What a document is after a compaction, `sequence` being the next one. Throws CommitFailed. */
export function afterReplacement(
  stored: StoredDocument,
  { incarnation, through, version, chunks, digest }: Replacement,
  sequence: Sequence,
): StoredDocument {
  if (stored.isDeleted || stored.incarnation !== incarnation)
    throw new CommitFailed('the incarnation that the snapshot is of has ended');
  if ((stored.snapshot?.through ?? 0) > through) throw new CommitFailed('a newer snapshot is there');
  const tail = stored.tail.filter((entry) => entry.sequence > through);
  const replaced = { ...stored, snapshot: { through, version, chunks }, tail };
  return digest ? { ...replaced, digest, sequence, tail: [...tail, { sequence, updates: [] }] } : replaced;
}

/** What is intact of a document. */
export function salvageOf(stored: StoredDocument): Salvage {
  const { id, engine, sequence, incarnation, isDeleted, isCostly, digest, snapshot, tail, burials, damage } =
    stored;
  const isIntact = (of: DamagedRow['of'], place: number): boolean => !isDamaged(stored, of, place);
  const chunks = snapshot?.chunks.filter((_, index) => isIntact('snapshot', index + 1)) ?? [];
  const entries = tail.filter((entry) => isIntact('log', entry.sequence));
  return {
    document: id,
    engine,
    sequence,
    incarnation,
    isDeleted,
    isCostly,
    digest,
    through: snapshot?.through ?? 0,
    entries: tail.map((entry) => entry.sequence),
    updates: [...chunks, ...entries.flatMap(({ updates }) => updates)],
    burials: burials
      .filter(([each]) => isIntact('burial', each))
      .map(([each, version]) => ({ incarnation: each, version })),
    damagedRows: damage.length,
  };
}

/** What a document is after a repair, `sequence` being the next one. Throws CommitFailed. */
export function afterRestoration(
  stored: StoredDocument,
  { salvaged, snapshot, digest, burials }: Restoration,
  sequence: Sequence,
): StoredDocument {
  const isAsSalvaged =
    stored.sequence === salvaged.sequence &&
    stored.incarnation === salvaged.incarnation &&
    (stored.snapshot?.through ?? 0) === salvaged.through &&
    stored.isDeleted === (snapshot === undefined);
  if (!isAsSalvaged) throw new CommitFailed('the document is another one than was salvaged');
  const intact = stored.burials.filter(([incarnation]) => !isDamaged(stored, 'burial', incarnation));
  const others = burials.filter(({ incarnation }) => !intact.some(([each]) => each === incarnation));
  return {
    ...stored,
    sequence,
    digest,
    burials: [
      ...intact,
      ...others.map(({ incarnation, version }) => [incarnation, version] as const),
    ].toSorted(([a], [b]) => a - b),
    snapshot: snapshot && { ...snapshot, through: sequence },
    tail: snapshot ? [] : [{ sequence, updates: [] }],
    damage: [],
  };
}

function isDamaged({ damage }: StoredDocument, of: DamagedRow['of'], place: number): boolean {
  return damage.some((row) => row.of === of && row.place === place);
}

/** What is read of a document's content must be intact from a place on. Throws CorruptRow. */
function expectIntact(
  { id, damage }: StoredDocument,
  of: DamagedRow['of'],
  from: number,
  to = Infinity,
): void {
  const found = damage.find(({ of: origin, place }) => origin === of && place >= from && place <= to);
  if (found) throw new CorruptRow(`row ${found.place} in the ${of} of document ${id} is damaged`);
}

/** Throws CorruptRow. */
export function headOf(stored: StoredDocument): Head {
  expectIntact(stored, 'log', 0);
  expectIntact(stored, 'burial', 0);
  expectIntact(stored, 'snapshot', 0, 0);
  const { id, engine, sequence, digest, isCostly, incarnation, isDeleted, burials, snapshot, tail } = stored;
  return {
    document: id,
    engine,
    sequence,
    digest,
    isCostly,
    incarnation,
    isDeleted,
    buried: burials.map(([, version]) => version),
    snapshot: snapshot && {
      through: snapshot.through,
      version: snapshot.version,
      chunkCount: snapshot.chunks.length,
      bytes: sizeOf(snapshot.chunks),
    },
    tail,
  };
}

/** Throws CorruptRow. */
export function logOf(stored: StoredDocument, after: Sequence, maxBytes: number): LogPage | 'compacted' {
  const { burials, snapshot, tail } = stored;
  if (snapshot && after < snapshot.through) return 'compacted';
  // What was read up to there ended with an incarnation.
  if (after > 0 && burials.length > 0 && after < (tail[0]?.sequence ?? 0)) return 'compacted';
  expectIntact(stored, 'log', after + 1);
  const rest = tail.filter(({ sequence }) => sequence > after);
  const sizes = rest.map(({ updates }) => sizeOf(updates));
  const count = countWithin(sizes, maxBytes);
  return { entries: rest.slice(0, count), isLast: count === rest.length };
}

/** Throws CorruptRow. */
export function chunksOf(
  stored: StoredDocument,
  through: Sequence,
  from: number,
  maxBytes: number,
): ChunkPage | 'replaced' {
  const { snapshot } = stored;
  if (snapshot?.through !== through) return 'replaced';
  expectIntact(stored, 'snapshot', from + 1);
  const rest = snapshot.chunks.slice(from);
  const sizes = rest.map(({ length }) => length);
  const count = countWithin(sizes, maxBytes);
  return { chunks: rest.slice(0, count), isLast: count === rest.length };
}

export function listingOf({
  name,
  engine,
  sequence,
  digest,
  incarnation,
  isDeleted,
}: StoredDocument): Listing {
  return { name, engine, sequence, digest, incarnation, isDeleted };
}

function buriedWith(
  burials: StoredDocument['burials'],
  incarnation: number,
  burial: Uint8Array | undefined,
): StoredDocument['burials'] {
  if (!burial) return burials;
  return [...burials.filter(([each]) => each !== incarnation), [incarnation, burial.slice()]];
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** How many of these sizes it takes to reach `maxBytes`. */
function countWithin(sizes: readonly number[], maxBytes: number): number {
  let bytes = 0;
  const count = sizes.findIndex((size) => (bytes += size) >= maxBytes);
  return count < 0 ? sizes.length : count + 1;
}
