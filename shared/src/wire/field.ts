// What a field of a message can be, and how it lies in a frame. Numbers are LEB128 of at most 53 bits, lengths too.
import { type Decoder, readUint8Array, readVarUint } from 'lib0/decoding';
import { type Encoder, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { decodeUtf8 } from 'lib0/string';
import { SyncError } from '../error.ts';

/** One client's presence: the same entry in every dialect. */
export interface PresenceEntry {
  readonly client: number;
  readonly clock: number;
  /** The client's state, JSON in UTF-8; undefined says that the client has left. */
  readonly state: Uint8Array | undefined;
}

/** Where a reader stopped reading a replica's committed log. */
export interface ResumePosition {
  /** 16 bytes. */
  readonly replica: Uint8Array;
  /** 8 bytes: the boot in which position and head were seen. */
  readonly epoch: Uint8Array;
  /** Everything of the document up to this sequence has been received. */
  readonly position: number;
  /** The highest sequence of the document that the client has heard of, in an acknowledgement for instance. */
  readonly headSeen: number;
}

export interface FieldTypes {
  uint: number;
  text: string;
  texts: readonly string[];
  bytes: Uint8Array;
  /** Bytes that may be absent: one byte 0, or 1 and the bytes. */
  optionalBytes: Uint8Array | undefined;
  updates: readonly Uint8Array[];
  presence: readonly PresenceEntry[];
  resume: ResumePosition | undefined;
}

export type FieldKind = keyof FieldTypes;

/**
 * Of one list. An entry costs its reader a hundred times the byte that it may consist of; 64 KiB of updates, which is what a
 * frame should hold, are never as many.
 */
export const maxListEntries = 65_536;

export interface FieldCodec<Value> {
  write(encoder: Encoder, value: Value): void;
  read(decoder: Decoder): Value;
}

/** A codec of whatever kind. */
export interface FieldKindCodec {
  write(encoder: Encoder, value: never): void;
  read(decoder: Decoder): unknown;
}

export const fieldCodecs: { readonly [Kind in FieldKind]: FieldCodec<FieldTypes[Kind]> } = {
  uint: { write: writeVarUint, read: readUint },
  text: { write: writeVarString, read: (decoder) => decodeUtf8(readBytes(decoder)) },
  texts: list({ write: writeVarString, read: (decoder) => decodeUtf8(readBytes(decoder)) }),
  bytes: { write: writeVarUint8Array, read: readBytes },
  optionalBytes: optional({ write: writeVarUint8Array, read: readBytes }),
  updates: list({ write: writeVarUint8Array, read: readBytes }),
  presence: list({
    write(encoder, { client, clock, state }: PresenceEntry) {
      writeVarUint(encoder, client);
      writeVarUint(encoder, clock);
      fieldCodecs.optionalBytes.write(encoder, state);
    },
    read(decoder) {
      const client = readUint(decoder);
      const clock = readUint(decoder);
      return { client, clock, state: fieldCodecs.optionalBytes.read(decoder) };
    },
  }),
  resume: optional({
    write(encoder, { replica, epoch, position, headSeen }: ResumePosition) {
      writeVarUint8Array(encoder, replica);
      writeVarUint8Array(encoder, epoch);
      writeVarUint(encoder, position);
      writeVarUint(encoder, headSeen);
    },
    read(decoder) {
      const replica = readBytes(decoder);
      const epoch = readBytes(decoder);
      const position = readUint(decoder);
      return { replica, epoch, position, headSeen: readUint(decoder) };
    },
  }),
};

/** Enough zeros behind a number make what `readVarUint` gives no number at all. */
function readUint(decoder: Decoder): number {
  const number = readVarUint(decoder);
  if (!Number.isSafeInteger(number)) throw new SyncError('bad_frame', 'a number has more than 53 bits');
  return number;
}

function readBytes(decoder: Decoder): Uint8Array {
  return readUint8Array(decoder, readUint(decoder));
}

function optional<Value>(codec: FieldCodec<Value>): FieldCodec<Value | undefined> {
  return {
    write(encoder, value) {
      writeVarUint(encoder, value === undefined ? 0 : 1);
      if (value !== undefined) codec.write(encoder, value);
    },
    read(decoder) {
      const isThere = readUint(decoder);
      if (isThere > 1) throw new SyncError('bad_frame', 'what is there or not is 1 or 0');
      return isThere === 1 ? codec.read(decoder) : undefined;
    },
  };
}

/** A list of what another codec knows. */
export function list<Value>(codec: FieldCodec<Value>): FieldCodec<readonly Value[]> {
  return {
    write(encoder, values) {
      writeVarUint(encoder, values.length);
      for (const value of values) codec.write(encoder, value);
    },
    read(decoder) {
      const count = readUint(decoder);
      if (count > maxListEntries)
        throw new SyncError('bad_frame', `a list has more than ${maxListEntries} entries`);
      const values: Value[] = [];
      // Grows with what is read and not with what is claimed: a frame that claims too much ends in an error soon.
      while (values.length < count) values.push(codec.read(decoder));
      return values;
    },
  };
}

/** Several fields, in the order in which they stand. */
export function record<Value extends object>(fields: {
  readonly [Name in keyof Value]: FieldCodec<Value[Name]>;
}): FieldCodec<Value> {
  const entries = Object.entries<FieldCodec<unknown>>(fields as Record<string, FieldCodec<unknown>>);
  return {
    write(encoder, value) {
      for (const [name, codec] of entries) codec.write(encoder, (value as Record<string, unknown>)[name]);
    },
    read(decoder) {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of entries) value[name] = codec.read(decoder);
      return value as Value;
    },
  };
}
