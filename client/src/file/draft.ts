// What the next frame will change, drawn up from what is there and from what is in the frame already. It counts when it is on the disk.
import { isStill, planWrite } from '../local/plan.ts';
import type { LocalWrite, LocalWritten, Unsaved } from '../local/store.ts';
import {
  applyWritten,
  type Change,
  contentBytesOf,
  markForm,
  type Piece,
  pieceForm,
  type Row,
} from './change.ts';
import type { Frame } from './frame.ts';

export type Rows = ReadonlyMap<string, Row>;

export class Draft {
  readonly #rows: Rows;
  readonly #frame: Frame;
  /** Undefined is forgotten. */
  readonly #next = new Map<string, Row | undefined>();

  constructor(rows: Rows, frame: Frame) {
    this.#rows = rows;
    this.#frame = frame;
  }

  write(write: LocalWrite): LocalWritten {
    const { document, engine, mark } = write;
    const row = this.#row(document);
    const plan = planWrite(row, write);
    if (plan.is !== 'planned') return plan;
    const { life, from } = plan;
    const add = (bytes: Uint8Array): Piece => this.#frame.content(bytes);
    const snapshot = plan.snapshot && {
      through: plan.snapshot.through,
      pieces: plan.snapshot.bytes.map(add),
    };
    const updates = plan.updates.map(add);
    const pieces = [...(snapshot?.pieces ?? []), ...updates];
    const change = {
      document,
      engine,
      life,
      from,
      updates: updates.map(pieceForm),
      snapshot: snapshot && { through: snapshot.through, pieces: snapshot.pieces.map(pieceForm) },
      mark: mark && markForm(mark),
      unsaved: unsavedAfter(row?.unsaved ?? [], write),
    };
    this.#frame.change(change);
    const next = applyWritten(row, change, () => pieces.shift()!);
    this.#next.set(document, next);
    return { is: 'written', life, through: next.through };
  }

  forget(document: string): void {
    if (!this.#row(document)) return;
    this.#frame.change({ forgotten: document });
    this.#next.set(document, undefined);
  }

  /** To be called when the frame is on the disk; gives by how many bytes there is more to be kept. */
  applyTo(rows: Map<string, Row>): number {
    let added = 0;
    for (const [document, row] of this.#next) {
      added += contentBytesOf(row) - contentBytesOf(rows.get(document));
      if (row) rows.set(document, row);
      else rows.delete(document);
    }
    return added;
  }

  #row(document: string): Row | undefined {
    return this.#next.has(document) ? this.#next.get(document) : this.#rows.get(document);
  }
}

/** A change that was read back. */
export function replay(
  rows: Map<string, Row>,
  change: Change,
  place: Parameters<typeof applyWritten>[2],
): void {
  if ('forgotten' in change) rows.delete(change.forgotten);
  else rows.set(change.document, applyWritten(rows.get(change.document), change, place));
}

/** Undefined if nothing of it changes. */
function unsavedAfter(
  kept: readonly Unsaved[],
  { saved = [], unsaved }: LocalWrite,
): readonly Unsaved[] | undefined {
  if (!unsaved && !saved.some((each) => kept.some((own) => isStill(own, each)))) return undefined;
  const left = kept.filter((own) => own.tab !== unsaved?.tab && !saved.some((each) => isStill(own, each)));
  if (!unsaved || unsaved.edits === 0) return left;
  const { tab, edits, sinceMs } = unsaved;
  return [...left, { tab, edits, sinceMs }];
}
