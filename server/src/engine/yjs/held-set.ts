// The version of a Yjs document: for each client the ranges of clocks held and the ranges declared deleted, with its
// digest. Parsed from stored bytes alone; it never sees a Y.Doc, which could not show what is pending.
import { createDecoder, type Decoder, hasContent, readVarUint } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarUint } from 'lib0/encoding';
import { fingerprint, hashDeletions } from '@syncline/shared';
import type { Addition, ReaderRequest, Summary, Version } from '../../port/engine.ts';
import { type BoundaryHash, deletedKind, DigestSum, heldKind, type RangeKind } from './digest.ts';
import { Ranges } from './ranges.ts';
import { clocksOf } from './request.ts';
import { fromSummary } from './summary.ts';

/** Flat quadruples [kind, client, start, end, …], disjoint from everything that was held before. */
type Added = number[];

const nothing = new Ranges();

/** Some 50 MB in memory, and tens of milliseconds to take a range out of the middle of; prose has one in forty characters. */
export const maxRangesOfDocument = 500_000;
/** What is typed goes on even in a document that is at its limit. */
const rangesAlwaysTaken = 8;

/** Up to here a splice for each range costs less than a pass over the client's whole list. */
const fewRanges = 8;

/** Visits, of a stored held set, each client and the end of its last range held; builds nothing of the rest. */
export function readEnds(bytes: Uint8Array, visit: (client: number, end: number) => void): void {
  readClients(createDecoder(bytes), (client, { bounds }) => visit(client, bounds.at(-1) ?? 0));
}

function readClients(decoder: Decoder, visit: (client: number, ranges: Ranges) => void): void {
  for (let clients = readVarUint(decoder); clients > 0; clients--) {
    const client = readVarUint(decoder);
    const bounds: number[] = [];
    let clock = 0;
    for (let numbers = readVarUint(decoder) * 2; numbers > 0; numbers--) {
      clock += readVarUint(decoder);
      bounds.push(clock);
    }
    visit(client, new Ranges(bounds));
  }
}

export class HeldSet implements Version {
  readonly held = new Map<number, Ranges>();
  readonly deleted = new Map<number, Ranges>();
  readonly #digest: DigestSum;
  #rangeCount = 0;
  /** Every session that opens the document asks with it. */
  #request: Uint8Array | undefined;
  #fingerprint: Uint8Array | undefined;

  constructor(hash: BoundaryHash) {
    this.#digest = new DigestSum(hash);
  }

  static decode(bytes: Uint8Array, hash: BoundaryHash): HeldSet {
    const set = new HeldSet(hash);
    const decoder = createDecoder(bytes);
    for (const kind of [heldKind, deletedKind] as const) {
      readClients(decoder, (client, ranges) => {
        set.#of(kind).set(client, ranges);
        set.#rangeCount += ranges.count;
        const { bounds } = ranges;
        for (let at = 0; at < bounds.length; at += 2)
          set.#digest.add(client, kind, bounds[at]!, bounds[at + 1]!);
      });
    }
    if (hasContent(decoder)) throw new Error('a stored held set has bytes to spare');
    return set;
  }

  get isEmpty(): boolean {
    return this.held.size === 0 && this.deleted.size === 0;
  }

  /** How many ranges it consists of. */
  get rangeCount(): number {
    return this.#rangeCount;
  }

  hasPlace(summary: Summary): boolean {
    const { held, deleted } = fromSummary(summary);
    const added = (held.length + deleted.length) / 3;
    return added <= rangesAlwaysTaken || this.#rangeCount + added <= maxRangesOfDocument;
  }

  digest(): Uint8Array {
    return this.#digest.bytes();
  }

  add(summary: Summary): Addition | undefined {
    const { held, deleted } = fromSummary(summary);
    const added: Added = [];
    this.#request = this.#fingerprint = undefined;
    this.#addRanges(heldKind, held, added);
    this.#addRanges(deletedKind, deleted, added);
    return added.length === 0 ? undefined : (added as unknown as Addition);
  }

  /** Whether some of the clocks that an update carries are held already. */
  overlaps(summary: Summary): boolean {
    const { held } = fromSummary(summary);
    for (let at = 0; at < held.length; at += 3) {
      if (this.held.get(held[at]!)?.overlaps(held[at + 1]!, held[at + 2]!)) return true;
    }
    return false;
  }

  touches(summary: Summary, current: Version): boolean {
    const { held, deleted } = fromSummary(summary);
    return [held, deleted].some((triples) => {
      for (let at = 0; at < triples.length; at += 3)
        if (this.#hasBeyond(current, triples[at]!, triples[at + 1]!, triples[at + 2]!)) return true;
      return false;
    });
  }

  isSharedWith(request: ReaderRequest, current: Version): boolean {
    for (const [client, end] of clocksOf(request)) if (this.#hasBeyond(current, client, 0, end)) return true;
    return false;
  }

  hasGap(summary: Summary): boolean {
    const { held, deleted, refersTo } = fromSummary(summary);
    for (let at = 0; at < held.length; at += 3) if (held[at + 2]! > this.#end(held[at]!)) return true;
    for (let at = 0; at < deleted.length; at += 3)
      if (deleted[at + 2]! > this.#end(deleted[at]!)) return true;
    for (let at = 0; at < refersTo.length; at += 2)
      if (refersTo[at + 1]! >= this.#end(refersTo[at]!)) return true;
    return false;
  }

  withdraw(addition: Addition): void {
    const added = addition as unknown as Added;
    this.#request = this.#fingerprint = undefined;
    // Backwards, where what is taken out of a long list lies at its end.
    for (let at = added.length - 4; at >= 0; at -= 4) {
      const kind = added[at] as RangeKind;
      const client = added[at + 1]!;
      const ranges = this.#of(kind).get(client) ?? nothing;
      this.#rangeCount -= ranges.count;
      ranges.remove(added[at + 2]!, added[at + 3]!);
      this.#rangeCount += ranges.count;
      if (ranges.count === 0) this.#of(kind).delete(client);
      this.#digest.remove(client, kind, added[at + 2]!, added[at + 3]!);
    }
  }

  /** A held set does not tell what is committed from what is not. */
  settled(): void {}

  /** A state vector: of each client the clocks held from 0 on without a gap. */
  request(): Uint8Array {
    return (this.#request ??= this.#encodeRequest());
  }

  fingerprint(): Uint8Array {
    return (this.#fingerprint ??= fingerprint(
      Array.from(this.held, ([client, { contiguousEnd }]) => [client, contiguousEnd] as const),
      hashDeletions(Array.from(this.deleted, ([client, { bounds }]) => [client, bounds] as const)),
    ));
  }

  lacks(request: ReaderRequest, deletions: Uint8Array): boolean {
    if (request.claimsNothing) return false;
    for (const [client, end] of clocksOf(request)) if (end > this.#end(client)) return true;
    return this.fingerprint()
      .subarray(8)
      .some((byte, index) => byte !== deletions[index]);
  }

  /** A state vector says it all. */
  narrow(request: ReaderRequest): ReaderRequest {
    return request;
  }

  #encodeRequest(): Uint8Array {
    const ends = new Map<number, number>();
    for (const [client, { contiguousEnd }] of this.held)
      if (contiguousEnd > 0) ends.set(client, contiguousEnd);
    return encodeStateVector(ends);
  }

  encode(): Uint8Array {
    const encoder = createEncoder();
    for (const kind of [heldKind, deletedKind] as const) {
      const clients = [...this.#of(kind)].toSorted(([a], [b]) => a - b);
      writeVarUint(encoder, clients.length);
      for (const [client, { bounds, count }] of clients) {
        writeVarUint(encoder, client);
        writeVarUint(encoder, count);
        let clock = 0;
        for (const bound of bounds) {
          writeVarUint(encoder, bound - clock);
          clock = bound;
        }
      }
    }
    return toUint8Array(encoder);
  }

  #hasBeyond(current: Version, client: number, start: number, end: number): boolean {
    const held = (current as HeldSet).held.get(client);
    return this.held.get(client)?.overlapsBeyond(held, start, end) ?? false;
  }

  #end(client: number): number {
    return this.held.get(client)?.contiguousEnd ?? 0;
  }

  #of(kind: RangeKind): Map<number, Ranges> {
    return kind === heldKind ? this.held : this.deleted;
  }

  /** `triples` come from the check: each client's ranges together, ascending and disjoint. */
  #addRanges(kind: RangeKind, triples: readonly number[], added: Added): void {
    const clients = this.#of(kind);
    for (let at = 0; at < triples.length;) {
      const client = triples[at]!;
      let ranges = clients.get(client);
      if (ranges === undefined) clients.set(client, (ranges = new Ranges()));
      const visit = (start: number, end: number): void => {
        added.push(kind, client, start, end);
        this.#digest.add(client, kind, start, end);
      };
      const run: number[] = [];
      for (; triples[at] === client; at += 3) run.push(triples[at + 1]!, triples[at + 2]!);
      if (run.length > fewRanges * 2) ranges.addAll(run, visit);
      else for (let next = 0; next < run.length; next += 2) ranges.add(run[next]!, run[next + 1]!, visit);
    }
  }
}

function encodeStateVector(ends: ReadonlyMap<number, number>): Uint8Array {
  const encoder = createEncoder();
  writeVarUint(encoder, ends.size);
  for (const [client, end] of [...ends].toSorted(([a], [b]) => b - a)) {
    writeVarUint(encoder, client);
    writeVarUint(encoder, end);
  }
  return toUint8Array(encoder);
}
