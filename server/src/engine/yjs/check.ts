// Reads an update through without building a document. `Y.decodeUpdate` alone accepts bytes on which
// `Y.applyUpdate` throws, on every client that ever opens the document; this walk refuses them at the sender.
import { SyncError } from '@syncline/shared';
import type { Decoder } from 'lib0/decoding';
import * as Y from 'yjs';
import type { YjsSummary } from './summary.ts';

/** Clocks and their sums stay exact numbers with room to spare. */
export const maxClock = 2 ** 48;
/** JSON deeper than this makes recursive readers, ours and every client's, overflow their stack. */
export const maxJsonDepth = 256;
/** Each root name is a type in every reader's memory for good: 70,000 of them cost an encoding 14 s. */
export const maxRootNames = 1_000;
/** A root name is a word in an app's source. */
export const maxRootNameLength = 1_024;
/** A megabyte of nothing but holes. Taking in as many holds up everybody for half a second; 8 MB of prose have 100,000. */
export const maxRanges = 250_000;

/** Gives what the update holds. Throws `malformed_update`, or `update_too_costly` past `maxRanges`. */
export function checkUpdate(update: Uint8Array): YjsSummary {
  const walk = new Walk();
  const decoded = decode(update, walk);
  for (const struct of decoded.structs) walk.struct(struct);
  for (const [client, ranges] of decoded.ds.clients) {
    // A delete set may come in any order; a held set takes ranges in that are ascending and disjoint.
    ranges.sort((left, right) => left.clock - right.clock);
    for (const { clock, len } of ranges) walk.deletion(client, clock, len);
  }
  return walk.summary();
}

/**
 * The decoder is made inside yjs; a subclass is how its rest and the headers of its client sections are seen. One class and
 * not a closure for each update, which cost as much as the decoding itself.
 */
class WatchedDecoder extends Y.UpdateDecoderV1 {
  /** The walk that the next decoder reports to; a decoder is made and used up within one call. */
  static walk: Walk;
  static last: Decoder;

  constructor(decoder: Decoder) {
    super(decoder);
    WatchedDecoder.last = decoder;
  }

  override readClient(): number {
    const client = super.readClient();
    WatchedDecoder.walk.section(client);
    return client;
  }
}

function decode(update: Uint8Array, walk: Walk): ReturnType<typeof Y.decodeUpdate> {
  WatchedDecoder.walk = walk;
  try {
    const decoded = Y.decodeUpdateV2(update, WatchedDecoder);
    if (WatchedDecoder.last.pos !== update.length) throw refused('it has bytes after its end');
    return decoded;
  } catch (error) {
    // Whatever the decoder throws, a RangeError or a TypeError, says the same of the bytes.
    throw error instanceof SyncError ? error : refused('it cannot be decoded');
  }
}

class Walk {
  /** Nearly every update has one section, and one needs no set. */
  #section: number | undefined;
  #sections: Set<number> | undefined;
  readonly #held: number[] = [];
  readonly #deleted: number[] = [];
  #rootNames: Set<string> | undefined;
  #refersTo: Map<number, number> | undefined;

  section(client: number): void {
    checkClient(client);
    // applyUpdate keeps only the last section of a client: what the earlier ones held would count as held, and be gone.
    if (this.#section === undefined) {
      this.#section = client;
      return;
    }
    this.#sections ??= new Set([this.#section]);
    if (this.#sections.has(client)) throw refused('a client has two sections');
    this.#sections.add(client);
  }

  struct(struct: Y.Item | Y.GC | Y.Skip): void {
    const { client, clock } = struct.id;
    const end = clock + struct.length;
    if (struct.length <= 0 || end >= maxClock)
      throw refused('a struct has no length, or a clock out of range');
    if (struct instanceof Y.Skip) return;
    if (struct instanceof Y.Item) this.#item(struct, client, clock);
    this.#range(this.#held, client, clock, end);
  }

  deletion(client: number, clock: number, length: number): void {
    checkClient(client);
    if (length <= 0 || clock + length >= maxClock)
      throw refused('a deletion has no length, or a clock out of range');
    this.#range(this.#deleted, client, clock, clock + length);
  }

  summary(): YjsSummary {
    const refersTo: number[] = [];
    if (this.#refersTo) for (const [client, clock] of this.#refersTo) refersTo.push(client, clock);
    return { held: this.#held, deleted: this.#deleted, refersTo };
  }

  #item(item: Y.Item, client: number, clock: number): void {
    if (item.origin !== null) this.#reference(item.origin, client, clock);
    if (item.rightOrigin !== null) this.#reference(item.rightOrigin, client, clock);
    // As decoded, a parent is the name of a root type, the id of an item, or to be copied from a neighbour.
    const parent = item.parent as string | Y.ID | null;
    if (typeof parent === 'string') this.#rootName(parent);
    else if (parent !== null) this.#reference(parent, client, clock);
    checkContent(item.content);
  }

  #reference(id: Y.ID, client: number, clock: number): void {
    if (id.client === client) {
      if (id.clock >= clock) throw refused('a struct refers to itself or to a later one of its client');
      return;
    }
    if (id.clock >= maxClock) throw refused('a reference has a clock out of range');
    checkClient(id.client);
    this.#refersTo ??= new Map();
    if ((this.#refersTo.get(id.client) ?? -1) < id.clock) this.#refersTo.set(id.client, id.clock);
  }

  #rootName(name: string): void {
    if (name.length > maxRootNameLength) throw refused(`a root name is longer than ${maxRootNameLength}`);
    this.#rootNames ??= new Set();
    this.#rootNames.add(name);
    if (this.#rootNames.size > maxRootNames) throw refused(`it names more than ${maxRootNames} root types`);
  }

  #range(triples: number[], client: number, start: number, end: number): void {
    const last = triples.length - 1;
    if (last > 0 && triples[last]! >= start && triples[last - 2] === client) {
      triples[last] = Math.max(triples[last]!, end);
      return;
    }
    triples.push(client, start, end);
    if (triples.length > maxRanges * 3) throw new SyncError('update_too_costly', 'it has too many ranges');
  }
}

function checkClient(client: number): void {
  // lib0 reads some numbers that are not safe and refuses others: yjs could not read again what it keeps as pending.
  if (!Number.isSafeInteger(client)) throw refused('a client id is out of range');
}

function checkContent(content: Y.Item['content']): void {
  if (content instanceof Y.ContentAny || content instanceof Y.ContentJSON) {
    for (const value of content.arr) checkDepth(value);
  } else if (content instanceof Y.ContentFormat) checkDepth(content.value);
  else if (content instanceof Y.ContentEmbed) checkDepth(content.embed);
  else if (content instanceof Y.ContentDoc) checkSubdocument(content);
}

/** Its options are spread over the arguments of the Y.Doc that every reader makes: they may not take the place of others. */
function checkSubdocument({ doc, opts }: Y.ContentDoc): void {
  if (typeof doc.guid !== 'string' || typeof doc.gcFilter !== 'function') {
    throw refused('a subdocument has options that no document can have');
  }
  checkDepth(opts);
}

function checkDepth(value: unknown): void {
  if (!isObject(value)) return;
  let level: object[] = [value];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxJsonDepth) throw refused(`its JSON is deeper than ${maxJsonDepth}`);
    level = level.flatMap(childrenOf);
  }
}

function childrenOf(parent: object): object[] {
  const prototype: unknown = Object.getPrototypeOf(parent);
  if (prototype === Uint8Array.prototype) return [];
  // lib0 sets a key "__proto__" as any other; an object that has bytes for its prototype cannot be encoded again.
  if (prototype !== Object.prototype && prototype !== Array.prototype) {
    throw refused('a value has a foreign prototype');
  }
  return Object.values(parent).filter(isObject);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function refused(why: string): SyncError {
  return new SyncError('malformed_update', why);
}
