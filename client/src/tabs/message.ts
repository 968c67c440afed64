// What tabs say to each other, as data. All hear what is said on the common channel; a follower and the tab that leads talk on a wire,
// which is a channel named for the follower.
import type { TabEdit } from '../local/tabs.ts';

/** Part of the channels' names: tabs that speak another version do not hear each other. Grows with every change. */
export const tabsVersion = 1;

export type CommonMessage =
  /** Who leads? Said by a tab that wants a connection, and again as long as it has one: the answer is a sign of life. */
  | { readonly say: 'asks'; readonly from: string }
  /** It leads from now on. */
  | { readonly say: 'leads'; readonly from: string }
  /** It does not lead any more. */
  | { readonly say: 'resigns'; readonly from: string }
  | { readonly say: 'edits'; readonly from: string; readonly edit: TabEdit };

interface OnWire {
  readonly from: string;
  /** Two may take themselves for the leader for a moment. */
  readonly to: string;
}
interface AboutSocket extends OnWire {
  /** Numbered by the follower. */
  readonly socket: number;
}

export type WireMessage =
  | (OnWire & { readonly say: 'here' })
  | (AboutSocket & { readonly say: 'open'; readonly url: string })
  | (AboutSocket & { readonly say: 'opened' })
  | (AboutSocket & { readonly say: 'frame'; readonly frame: Uint8Array })
  | (AboutSocket & { readonly say: 'close' })
  | (AboutSocket & { readonly say: 'closed'; readonly code: number; readonly reason: string });

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, Check>>;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isBytes: Check = (value) => value instanceof Uint8Array;
const isEdit: Check = (value) =>
  hasFields(value, {
    document: isText,
    engine: isText,
    incarnation: isNumber,
    updates: (updates) => Array.isArray(updates) && updates.every(isBytes),
  });

const common = new Map<unknown, Fields>([
  ['asks', { from: isText }],
  ['leads', { from: isText }],
  ['resigns', { from: isText }],
  ['edits', { from: isText, edit: isEdit }],
]);
const aboutSocket = { from: isText, to: isText, socket: isNumber };
const onWire = new Map<unknown, Fields>([
  ['here', { from: isText, to: isText }],
  ['open', { ...aboutSocket, url: isText }],
  ['opened', aboutSocket],
  ['frame', { ...aboutSocket, frame: isBytes }],
  ['close', aboutSocket],
  ['closed', { ...aboutSocket, code: isNumber, reason: isText }],
]);

/** Anybody of the origin may say anything on a channel. */
export function isCommonMessage(message: unknown): message is CommonMessage {
  return isOf(message, common);
}

export function isWireMessage(message: unknown): message is WireMessage {
  return isOf(message, onWire);
}

/** A view of a larger buffer would take all of it along. */
export function sendable(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

function isOf(message: unknown, table: ReadonlyMap<unknown, Fields>): boolean {
  if (typeof message !== 'object' || message === null || !('say' in message)) return false;
  const fields = table.get(message.say);
  return fields !== undefined && hasFields(message, fields);
}

function hasFields(value: unknown, fields: Fields): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const held = value as Readonly<Record<string, unknown>>;
  return Object.entries(fields).every(([name, check]) => check(held[name]));
}
