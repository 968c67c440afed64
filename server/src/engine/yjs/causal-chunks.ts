// Cuts an encoded document into chunks in causal order: a reader that applies them one after another never has to park
// one, which costs it a sixth of the encoded order, and can be sent life signs between them.
import { createEncoder, toUint8Array, writeVarUint } from 'lib0/encoding';
import * as Y from 'yjs';
import type { Ranges } from './ranges.ts';
import { endingAt, type Struct, StructWriter } from './struct-writer.ts';

/** Some 20 ms of work for a browser, and a frame that crosses a slow link well within a liveness deadline. */
export const chunkBytes = 128 * 1024;

/** `update` is a whole document; the chunks hold its structs and none of its deletions. */
export function cutIntoChunks(update: Uint8Array, maxBytes = chunkBytes): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let chunk = new StructWriter();
  for (const struct of inCausalOrder(Y.decodeUpdate(update).structs)) {
    for (const { start, end } of piecesOf(struct, maxBytes)) {
      chunk.write(endingAt(struct, end), start);
      if (chunk.bytes >= maxBytes) {
        chunks.push(chunk.encode());
        chunk = new StructWriter();
      }
    }
  }
  if (chunk.bytes > 0) chunks.push(chunk.encode());
  return chunks;
}

/** What one person has typed or pasted in one go is one struct, however long: in pieces of so many letters. */
function* piecesOf(struct: Struct, maxLetters: number): Generator<{ start: number; end: number }> {
  const text =
    struct instanceof Y.Item && struct.content instanceof Y.ContentString ? struct.content.str : undefined;
  let start = 0;
  if (text !== undefined) {
    for (let end = maxLetters; end < text.length; end += maxLetters) {
      // Half of a surrogate pair is no letter: yjs puts a replacement in its place.
      const whole = end + (isHighSurrogate(text.charCodeAt(end - 1)) ? 1 : 0);
      if (whole === text.length) break;
      yield { start, end: whole };
      start = end = whole;
    }
  }
  yield { start, end: struct.length };
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

/** An update of deletions alone. */
export function encodeDeletions(deleted: ReadonlyMap<number, Ranges>): Uint8Array {
  const encoder = createEncoder();
  writeVarUint(encoder, 0);
  writeVarUint(encoder, deleted.size);
  for (const [client, { bounds, count }] of [...deleted].toSorted(([a], [b]) => b - a)) {
    writeVarUint(encoder, client);
    writeVarUint(encoder, count);
    for (let at = 0; at < bounds.length; at += 2) {
      writeVarUint(encoder, bounds[at]!);
      writeVarUint(encoder, bounds[at + 1]! - bounds[at]!);
    }
  }
  return toUint8Array(encoder);
}

/** One client's structs and how far they have been given out. */
interface Queue {
  readonly structs: Struct[];
  next: number;
  /** A reader of this client's structs is on the stack: a hostile circle ends here, as it does in yjs, in pending structs. */
  isWaiting: boolean;
}

function* inCausalOrder(structs: readonly (Struct | Y.Skip)[]): Generator<Struct> {
  const queues = new Map<number, Queue>();
  for (const struct of structs) {
    if (struct instanceof Y.Skip) continue;
    const queue = queues.get(struct.id.client);
    if (queue) queue.structs.push(struct);
    else queues.set(struct.id.client, { structs: [struct], next: 0, isWaiting: false });
  }
  for (const queue of queues.values()) {
    const stack = [{ queue, until: Infinity }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const struct = top.queue.structs[top.queue.next];
      if (struct === undefined || struct.id.clock > top.until) {
        top.queue.isWaiting = false;
        stack.pop();
        continue;
      }
      top.queue.isWaiting = true;
      const missing = firstMissing(struct, queues);
      if (missing) stack.push(missing);
      else {
        top.queue.next++;
        yield struct;
      }
    }
  }
}

function firstMissing(
  struct: Struct,
  queues: ReadonlyMap<number, Queue>,
): { queue: Queue; until: number } | undefined {
  if (!(struct instanceof Y.Item)) return undefined;
  const parent = struct.parent as Y.ID | string | null;
  for (const id of [struct.origin, struct.rightOrigin, parent]) {
    if (id === null || typeof id === 'string' || id.client === struct.id.client) continue;
    const queue = queues.get(id.client);
    const next = queue?.structs[queue.next];
    if (queue && next && next.id.clock <= id.clock && !queue.isWaiting) return { queue, until: id.clock };
  }
  return undefined;
}
