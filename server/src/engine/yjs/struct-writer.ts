// An update in the making: structs of several clients, each client's in the order of its clocks.
import { createEncoder, length, toUint8Array, writeUint8Array, writeVarUint } from 'lib0/encoding';
import * as Y from 'yjs';

export type Struct = Y.Item | Y.GC;

interface Section {
  readonly encoder: Y.UpdateEncoderV1;
  readonly start: number;
  end: number;
  structs: number;
}

const noDeletions = Uint8Array.of(0);

export class StructWriter {
  readonly #clients = new Map<number, Section>();
  bytes = 0;

  /** Writes a struct without its first `offset` clocks. */
  write(struct: Struct, offset = 0): void {
    const { client } = struct.id;
    const clock = struct.id.clock + offset;
    let section = this.#clients.get(client);
    if (!section) {
      section = { encoder: new Y.UpdateEncoderV1(), start: clock, end: clock, structs: 0 };
      this.#clients.set(client, section);
    }
    const before = length(section.encoder.restEncoder);
    if (clock > section.end) {
      new Y.Skip(Y.createID(client, section.end), clock - section.end).write(section.encoder, 0);
      section.structs++;
    }
    struct.write(section.encoder, offset);
    section.structs++;
    section.end = struct.id.clock + struct.length;
    this.bytes += length(section.encoder.restEncoder) - before;
  }

  /** `deletions` is a delete set as it lies at the end of an update. */
  encode(deletions: Uint8Array = noDeletions): Uint8Array {
    const encoder = createEncoder();
    writeVarUint(encoder, this.#clients.size);
    for (const [client, section] of [...this.#clients].toSorted(([a], [b]) => b - a)) {
      writeVarUint(encoder, section.structs);
      writeVarUint(encoder, client);
      writeVarUint(encoder, section.start);
      writeUint8Array(encoder, toUint8Array(section.encoder.restEncoder));
    }
    writeUint8Array(encoder, deletions);
    return toUint8Array(encoder);
  }
}

/** The first `clocks` of a struct; the struct itself stays as it is. */
export function endingAt(struct: Struct, clocks: number): Struct {
  if (clocks === struct.length) return struct;
  if (struct instanceof Y.GC) return new Y.GC(struct.id, clocks);
  const content = struct.content.copy();
  content.splice(clocks);
  const { id, origin, rightOrigin, parentSub } = struct;
  // As decoded, a parent may be the name of a root type, which the constructor's types do not show.
  return new Y.Item(id, null, origin, null, rightOrigin, struct.parent as never, parentSub, content);
}
