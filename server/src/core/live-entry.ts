// One committed entry of one document on its way to the readers: merged once, framed once for each dialect.
import type { Sequence } from '../port/journal.ts';
import { bytesOf } from './bytes.ts';

/** What an entry keeps in memory beside its bytes and its frames'. */
const entryBytes = 512;

export type Frames = readonly Uint8Array[];

export class LiveEntry {
  readonly previous: Sequence;
  readonly sequence: Sequence;
  /** What the entry's authors sent, each author's run of updates bundled. */
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
  readonly #frames = new Map<string, Frames>();

  constructor(previous: Sequence, sequence: Sequence, pieces: readonly Uint8Array[]) {
    this.previous = previous;
    this.sequence = sequence;
    this.pieces = pieces;
    // What it costs to remember a keystroke is not its bytes.
    this.bytes = bytesOf(pieces) + entryBytes;
  }

  /** The entry as a dialect's frames; encoded for the first reader, shared by the others. */
  frames(dialect: string, encode: (piece: Uint8Array) => Uint8Array): Frames {
    let frames = this.#frames.get(dialect);
    if (!frames) this.#frames.set(dialect, (frames = this.pieces.map(encode)));
    return frames;
  }
}
