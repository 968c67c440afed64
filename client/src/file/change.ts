// What a frame says was changed, and what is known of documents after it: the same whether it was just written or is read back.
import type { Mark, Unsaved } from '../local/store.ts';
import type { EngineName } from '../sync/content.ts';

/** Where bytes are in the file. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
  readonly checksum: number;
}

/** What is known of a document without its contents. Not changed: another one takes its place. */
export interface Row {
  readonly engine: EngineName;
  readonly life: string;
  readonly through: number;
  readonly snapshot: { readonly through: number; readonly pieces: readonly Piece[] } | undefined;
  /** The entries behind the snapshot; the last of them is `through`. */
  readonly entries: readonly Piece[];
  readonly mark: Mark | undefined;
  readonly unsaved: readonly Unsaved[];
}

/** Length and checksum; the contents of a frame lie in the order in which its changes name them, a snapshot before updates. */
export type PieceForm = readonly [length: number, checksum: number];

export type Change = { readonly forgotten: string } | WrittenForm;

/** JSON keeps any text, also one that is no Unicode. */
export interface WrittenForm {
  readonly document: string;
  readonly engine: EngineName;
  readonly life: string;
  /** The number of the last entry before these. */
  readonly from: number;
  readonly updates: readonly PieceForm[];
  readonly snapshot?: { readonly through: number; readonly pieces: readonly PieceForm[] } | undefined;
  readonly mark?: MarkForm | undefined;
  /** All that there is now; left out if it is as before. */
  readonly unsaved?: readonly Unsaved[] | undefined;
}

interface MarkForm {
  readonly incarnation: number;
  readonly resume?:
    | {
        readonly replica: string;
        readonly epoch: string;
        readonly position: number;
        readonly headSeen: number;
      }
    | undefined;
}

/** What has to be kept of its contents; nothing of a document that is not there. */
export function contentBytesOf(row: Row | undefined): number {
  const pieces = [...(row?.snapshot?.pieces ?? []), ...(row?.entries ?? [])];
  return pieces.reduce((bytes, { length }) => bytes + length, 0);
}

/** `place` gives where the next content of the frame is. */
export function applyWritten(
  row: Row | undefined,
  change: WrittenForm,
  place: (form: PieceForm) => Piece,
): Row {
  const { engine, life, from, mark, unsaved } = change;
  const snapshot = change.snapshot && {
    through: change.snapshot.through,
    pieces: change.snapshot.pieces.map(place),
  };
  const updates = change.updates.map(place);
  const before = row?.entries ?? [];
  const kept = snapshot ? before.slice(Math.max(0, before.length - (from - snapshot.through))) : before;
  return {
    engine,
    life,
    through: from + updates.length,
    snapshot: snapshot ?? row?.snapshot,
    entries: [...kept, ...updates],
    mark: mark ? markOf(mark) : row?.mark,
    unsaved: unsaved ?? row?.unsaved ?? [],
  };
}

/** Gives the place of one content after the other. */
export function placesFrom(offset: number): (form: PieceForm) => Piece {
  let next = offset;
  return ([length, checksum]) => {
    const piece = { offset: next, length, checksum };
    next += length;
    return piece;
  };
}

export function pieceForm({ length, checksum }: Piece): PieceForm {
  return [length, checksum];
}

export function markForm({ incarnation, resume }: Mark): MarkForm {
  if (!resume) return { incarnation };
  const { replica, epoch, position, headSeen } = resume;
  return { incarnation, resume: { replica: textOf(replica), epoch: textOf(epoch), position, headSeen } };
}

function markOf({ incarnation, resume }: MarkForm): Mark {
  if (!resume) return { incarnation, resume: undefined };
  const { replica, epoch, position, headSeen } = resume;
  return { incarnation, resume: { replica: bytesOf(replica), epoch: bytesOf(epoch), position, headSeen } };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}
