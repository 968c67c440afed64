// One committed entry of one document on its way to the readers: merged once, framed once for each dialect.
import type { Sequence } from '../port/journal.ts';
import { bytesOf } from './bytes.ts';

/** What an entry keeps in memory beside its bytes and its frames'. */
const entryBytes = 512;

/** What one author sent, bundled. */
export interface Piece {
  readonly update: Uint8Array;
  /** The member that sent it, to be told from others and nothing else. */
  readonly author: object;
}

export class LiveEntry {
  readonly previous: Sequence;
  readonly sequence: Sequence;
  readonly pieces: readonly Piece[];
  readonly bytes: number;
  readonly #encoded = new Map<string, unknown>();

  constructor(previous: Sequence, sequence: Sequence, pieces: readonly Piece[]) {
    this.previous = previous;
    this.sequence = sequence;
    this.pieces = pieces;
    // What it costs to remember a keystroke is not its bytes.
    this.bytes = bytesOf(pieces.map(({ update }) => update)) + entryBytes;
  }

  /** What a dialect makes of the entry: made for the first reader, shared by the others. */
  encoded<Encoded>(dialect: string, encode: (entry: LiveEntry) => Encoded): Encoded {
    if (!this.#encoded.has(dialect)) this.#encoded.set(dialect, encode(this));
    return this.#encoded.get(dialect) as Encoded;
  }
}
