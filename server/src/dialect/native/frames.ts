// The messages that go to every reader, put together from parts that all readers of an entry share: only what differs
// from session to session is written for each. The bytes are those of the codec, which a test holds it to.
import type { PresenceEntry } from '@syncline/shared';
import { downCodec } from '@syncline/shared';
import { down } from '@syncline/shared/wire/messages.ts';
import type { EphemeralNews } from '../../core/ephemeral.ts';
import type { LiveEntry, Piece } from '../../core/live-entry.ts';
import type { PresenceNews } from '../../core/speaker.ts';

/** Names this dialect's frames among those that are kept for all readers. */
const dialect = 'native';

/** A frame is about this large at most, if its updates are: a reader on a slow link then hears something every second. */
const frameBytes = 64 * 1024;

/** The frames of a committed entry without what one author sent, who knows it; none if that is all. */
export function entryFrames(entry: LiveEntry, channel: number, author: object): Uint8Array[] {
  const isForeign = entry.pieces.every((piece) => piece.author !== author);
  const lists = isForeign ? entry.encoded(dialect, everybodysLists) : listsWithout(entry, author);
  return lists.map((list, index) => {
    const position = index === lists.length - 1 ? entry.sequence : 0;
    return joined([down.updates.type, channel, position], list);
  });
}

/** Part of an answer: written in one go, since nobody else is sent the same. */
export function answerFrames(channel: number, updates: readonly Uint8Array[]): Uint8Array[] {
  return grouped(updates).map((group) => listBehind([down.updates.type, channel, 0], group));
}

export function presenceFrame(channel: number, { entries, frames }: PresenceNews): Uint8Array {
  let body = frames.get(dialect);
  if (!body) frames.set(dialect, (body = presenceBody(entries)));
  return joined([down.presence.type, channel], body);
}

export function ephemeralFrame(channel: number, news: EphemeralNews): Uint8Array {
  let body = news.frames.get(dialect);
  if (!body) news.frames.set(dialect, (body = ephemeralBody(news)));
  return joined([down.ephemeral.type, channel], body);
}

/** Its fields as they lie behind the message's type and its channel, likewise. */
function ephemeralBody({ sender, session, count, data }: EphemeralNews): Uint8Array {
  return downCodec.encode({ say: 'ephemeral', channel: 0, sender, session, count, data }).subarray(2);
}

/** The entries as they lie behind the message's type and its channel, one byte each here. */
function presenceBody(entries: readonly PresenceEntry[]): Uint8Array {
  return downCodec.encode({ say: 'presence', channel: 0, entries }).subarray(2);
}

/** Updates as the field of that kind, as many of them as a frame may hold. */
function everybodysLists(entry: LiveEntry): Uint8Array[] {
  return listsOf(entry.pieces);
}

function listsWithout(entry: LiveEntry, author: object): Uint8Array[] {
  return listsOf(entry.pieces.filter((piece) => piece.author !== author));
}

function listsOf(pieces: readonly Piece[]): Uint8Array[] {
  return grouped(pieces.map(({ update }) => update)).map((group) => listBehind([], group));
}

function grouped(updates: readonly Uint8Array[]): Uint8Array[][] {
  const groups: Uint8Array[][] = [];
  let from = 0;
  let bytes = 0;
  updates.forEach(({ length }, index) => {
    bytes += length;
    if (bytes < frameBytes && index < updates.length - 1) return;
    groups.push(updates.slice(from, index + 1));
    from = index + 1;
    bytes = 0;
  });
  return groups;
}

/** A list of updates, and before it what comes first in its message: the type and the fields that are numbers. */
function listBehind(head: readonly number[], updates: readonly Uint8Array[]): Uint8Array {
  let size = lengthOf(updates.length);
  for (const number of head) size += lengthOf(number);
  for (const { length } of updates) size += lengthOf(length) + length;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const number of head) at = write(bytes, at, number);
  at = write(bytes, at, updates.length);
  for (const update of updates) {
    at = write(bytes, at, update.length);
    bytes.set(update, at);
    at += update.length;
  }
  return bytes;
}

function joined(head: readonly number[], body: Uint8Array): Uint8Array {
  let size = body.length;
  for (const number of head) size += lengthOf(number);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const number of head) at = write(bytes, at, number);
  bytes.set(body, at);
  return bytes;
}

/** Numbers as LEB128. */
function write(bytes: Uint8Array, start: number, number: number): number {
  let at = start;
  let rest = number;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}

function lengthOf(number: number): number {
  let bytes = 1;
  for (let rest = number; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
