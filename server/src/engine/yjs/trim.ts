// Leaves out of an update what is held already, wherever that lies in it. Two contents for the same clocks, which no honest
// client makes, would otherwise meet in every reader, and yjs may throw where one ends in the midst of the other.
import * as Y from 'yjs';
import { encodeDeletions } from './causal-chunks.ts';
import { Ranges } from './ranges.ts';
import { endingAt, StructWriter } from './struct-writer.ts';

/** `held` gives the clocks of a client that are held. */
export function trimUpdate(update: Uint8Array, held: (client: number) => Ranges | undefined): Uint8Array {
  const { structs, ds } = Y.decodeUpdate(update);
  const writer = new StructWriter();
  const taken = new Map<number, Ranges>();
  for (const struct of structs) {
    if (struct instanceof Y.Skip) continue;
    const { client, clock } = struct.id;
    let ranges = taken.get(client);
    if (!ranges) taken.set(client, (ranges = new Ranges(held(client)?.bounds.slice())));
    // What is new to the clocks held is what is kept of the struct.
    ranges.add(clock, clock + struct.length, (start, end) => {
      writer.write(endingAt(struct, end - clock), start - clock);
    });
  }
  const deleted = new Map<number, Ranges>();
  for (const [client, ranges] of ds.clients) {
    const clocks = new Ranges();
    for (const { clock, len } of ranges) clocks.add(clock, clock + len, () => {});
    deleted.set(client, clocks);
  }
  return writer.encode(encodeDeletions(deleted).subarray(1));
}
