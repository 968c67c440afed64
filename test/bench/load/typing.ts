// The updates of somebody typing, made by a real Y.Doc before anything is measured.
import * as Y from 'yjs';

const sentence = 'the quick brown fox jumps over the lazy dog ';

/** Client ids of five bytes when encoded, as the random ones of stock clients mostly are. */
const firstClient = 1_000_000_000;

export interface Typing {
  readonly client: number;
  /** One character each: update `n` takes the client's clock from `n` to `n + 1`. */
  readonly updates: readonly Uint8Array[];
}

export function typing(writer: number, characters: number): Typing {
  const doc = new Y.Doc();
  doc.clientID = firstClient + writer;
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  const text = doc.getText('text');
  for (let at = 0; at < characters; at += 1) text.insert(at, sentence[at % sentence.length]!);
  const client = doc.clientID;
  doc.destroy();
  return { client, updates };
}

/** What an update of somebody typing has in bytes. */
export function meanUpdateBytes(): number {
  const { updates } = typing(0, sentence.length);
  return updates.reduce((sum, { length }) => sum + length, 0) / updates.length;
}

/**
 * How far a client's clock is held once `update` is added to `held`. Servers may merge several updates into
 * one frame, so frames are not counted; an update that leaves a gap means that one was lost.
 */
export function heldThrough(update: Uint8Array, client: number, held: number): number {
  let through = held;
  for (const { id, length } of Y.decodeUpdate(update).structs) {
    if (id.client !== client) continue;
    if (id.clock > through) throw new Error(`an update was lost: clock ${through} of client ${client}`);
    through = Math.max(through, id.clock + length);
  }
  return through;
}
