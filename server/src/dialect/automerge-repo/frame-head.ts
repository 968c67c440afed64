// The beginning of a frame about one document: of its frames all but the bytes at the end is the same, and those may be large.
import { CborWriter } from '@syncline/shared/cbor/writer.ts';

export class FrameHead {
  readonly #head: Uint8Array;

  /** A map of texts that ends with bytes; `key` is that of the bytes. */
  constructor(map: Readonly<Record<string, string>>, key: string) {
    const writer = new CborWriter();
    const entries = Object.entries(map);
    writer.mapHead(entries.length + 1);
    for (const text of entries.flat()) writer.value(text);
    writer.value(key);
    this.#head = writer.written();
  }

  /** A frame with place for so many bytes at its end. */
  before(length: number): Uint8Array {
    const writer = new CborWriter();
    writer.bytesHead(length);
    const bytesHead = writer.written();
    const start = this.#head.length + bytesHead.length;
    const frame = new Uint8Array(start + length);
    frame.set(this.#head);
    frame.set(bytesHead, this.#head.length);
    return frame;
  }
}
