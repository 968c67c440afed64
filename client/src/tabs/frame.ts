// The beginning of a frame of the native protocol: its type, and the channel that it is about. The rest is nobody's business here.
import { down, up } from '@syncline/shared/wire/messages.ts';
import { createDecoder, readVarUint } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarUint } from 'lib0/encoding';

export interface FrameHead {
  readonly type: number;
  /** 0 where it is about the connection. */
  readonly channel: number;
  /** Where the rest begins. */
  readonly restAt: number;
}

const aboutChannel = { up: typesWithChannel(up), down: typesWithChannel(down) };

/** Throws where it cannot be read. */
export function headOf(frame: Uint8Array, direction: keyof typeof aboutChannel): FrameHead {
  const decoder = createDecoder(frame);
  const type = readVarUint(decoder);
  const channel = aboutChannel[direction].has(type) ? readVarUint(decoder) : 0;
  return { type, channel, restAt: decoder.pos };
}

/** The same frame about another channel. */
export function withChannel(frame: Uint8Array, { type, restAt }: FrameHead, channel: number): Uint8Array {
  const encoder = createEncoder();
  writeVarUint(encoder, type);
  writeVarUint(encoder, channel);
  const head = toUint8Array(encoder);
  const changed = new Uint8Array(head.length + frame.length - restAt);
  changed.set(head);
  changed.set(frame.subarray(restAt), head.length);
  return changed;
}

function typesWithChannel(
  table: Readonly<Record<string, { readonly type: number; readonly fields: object }>>,
): ReadonlySet<number> {
  return new Set(Object.values(table).flatMap(({ type, fields }) => ('channel' in fields ? type : [])));
}
