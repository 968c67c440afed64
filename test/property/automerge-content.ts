// Automerge documents as a stock client reads them, and the same changes by other ways.
import { deflateRawSync } from 'node:zlib';
import * as Automerge from '@automerge/automerge';
import { ByteReader } from '@syncline/server/engine/automerge/byte-reader.ts';
import { jsonOf } from '@syncline/server/engine/automerge/json.ts';
import { deflatedType, readChunk } from '@syncline/shared/automerge/chunk.ts';
import type { SeededRandom } from '../support/random.ts';

/** What an application is shown of these updates, taken in one after another, as JSON; and the heads. */
export function readBy(updates: Iterable<Uint8Array>): {
  readonly json: string;
  readonly heads: readonly string[];
} {
  let document = Automerge.init<Record<string, unknown>>();
  for (const update of updates) document = Automerge.loadIncremental(document, update);
  const read = { json: jsonOf(Automerge.toJS(document)), heads: Automerge.getHeads(document).toSorted() };
  Automerge.free(document);
  return read;
}

/** The same changes by another way: out of order, some together, some deflated, some twice. */
export function rearrange(random: SeededRandom, changes: readonly Uint8Array[]): Uint8Array[] {
  const shuffled = random.shuffle(changes);
  const arranged: Uint8Array[] = [];
  for (let at = 0; at < shuffled.length;) {
    const group = shuffled.slice(at, (at += 1 + random.below(6)));
    const written = group.map((change) => (random.oneIn(3) ? deflated(change) : change));
    if (random.oneIn(3)) arranged.push(...written);
    else arranged.push(new Uint8Array(Buffer.concat(written)));
    if (random.oneIn(4)) arranged.push(random.pick(group));
  }
  return random.shuffle(arranged);
}

/** The change in the other form in which it may come. */
function deflated(change: Uint8Array): Uint8Array {
  const { bodyStart, end } = readChunk(new ByteReader(change));
  const body = deflateRawSync(change.subarray(bodyStart, end));
  const length: number[] = [];
  let rest = body.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return new Uint8Array(
    Buffer.concat([change.subarray(0, 8), Buffer.of(deflatedType, ...length, rest), body]),
  );
}
