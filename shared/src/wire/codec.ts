// Frames of our own protocols: a message's type, then its fields in the order of the table. One message a frame.
import { createDecoder, hasContent, readVarUint } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarUint } from 'lib0/encoding';
import { SyncError } from '../error.ts';
import { fieldCodecs, type FieldKindCodec, type FieldTypes } from './field.ts';
import { down, up } from './messages.ts';

interface Shape {
  readonly type: number;
  readonly fields: Readonly<Record<string, string>>;
}
export type Table = Readonly<Record<string, Shape>>;

/** The messages of a table as a union that `say` tells apart. */
export type MessageOf<Messages extends Table, Types = FieldTypes> = {
  [Name in keyof Messages]: { readonly say: Name } & {
    readonly [Field in keyof Messages[Name]['fields']]: Messages[Name]['fields'][Field] extends keyof Types
      ? Types[Messages[Name]['fields'][Field]]
      : never;
  };
}[keyof Messages];

export type Up = MessageOf<typeof up>;
export type Down = MessageOf<typeof down>;

export interface Codec<Message> {
  encode(message: Message): Uint8Array;
  /** Throws a SyncError `bad_frame`. Bytes of the message are views of the frame. */
  decode(frame: Uint8Array): Message;
}

export const upCodec = createCodec<Up>(up, fieldCodecs);
export const downCodec = createCodec<Down>(down, fieldCodecs);

/** The codec of a table whose fields are of these kinds. */
export function createCodec<Message extends { readonly say: PropertyKey }>(
  table: Table,
  kinds: Readonly<Record<string, FieldKindCodec>>,
): Codec<Message> {
  const plans = Object.entries(table).map(([say, { type, fields }]) => ({
    say,
    type,
    fields: Object.entries(fields).map(([name, kind]) => ({ name, codec: kinds[kind]! })),
  }));
  const bySay = new Map<PropertyKey, (typeof plans)[number]>(plans.map((plan) => [plan.say, plan]));
  const byType = new Map(plans.map((plan) => [plan.type, plan]));
  return {
    encode(message) {
      const plan = bySay.get(message.say)!;
      const encoder = createEncoder();
      writeVarUint(encoder, plan.type);
      const values = message as Readonly<Record<string, never>>;
      for (const { name, codec: field } of plan.fields) field.write(encoder, values[name] as never);
      return toUint8Array(encoder);
    },
    decode(frame) {
      try {
        const decoder = createDecoder(frame);
        const type = readVarUint(decoder);
        const plan = byType.get(type);
        if (!plan) throw new SyncError('bad_frame', `messages of type ${type} are unknown`);
        const message: Record<string, unknown> = { say: plan.say };
        for (const { name, codec: field } of plan.fields) message[name] = field.read(decoder);
        if (hasContent(decoder)) throw new SyncError('bad_frame', 'it has bytes after its message');
        return message as unknown as Message;
      } catch (error) {
        // What else a decoder throws says that the frame ends too early, or that a text is not UTF-8.
        throw error instanceof SyncError ? error : new SyncError('bad_frame', 'it cannot be read');
      }
    },
  };
}
