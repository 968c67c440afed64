// What is on the disk, read from its bytes as they are synced: what every other oracle compares with.
// O2: what has been synced stays, through every compaction and crash. O3: nothing is in it that nobody has made.
import * as Y from 'yjs';
import type { DiskChange, StoredDocument } from '../world/disk.ts';
import type { Authors } from './authors.ts';
import { Clocks, readDocument, readUpdate, type Said } from './clocks.ts';
import { expectThat } from './violation.ts';

export class Truth {
  readonly #authors: Authors;
  #documents = new Map<string, Clocks>();
  #everything = new Clocks();
  #stored = new Map<string, StoredDocument>();
  /** Another one whenever the disk was put back to an earlier state. */
  past: object = {};
  hasGoneBack = false;
  /** The largest entry, for those who bound what a reader is sent at once. */
  largestEntryBytes = 0;

  constructor(authors: Authors) {
    this.#authors = authors;
  }

  of(name: string): Clocks {
    let clocks = this.#documents.get(name);
    if (!clocks) this.#documents.set(name, (clocks = new Clocks()));
    return clocks;
  }

  /** What somebody who is sent all that is on the disk of a document can show: not what refers to something that is not there. */
  shown(name: string): Said {
    const document = new Y.Doc({ guid: '' });
    const stored = this.#stored.get(name);
    for (const piece of stored ? piecesOf(stored) : []) Y.applyUpdate(document, piece);
    return this.of(name).within(readDocument(document).structs);
  }

  incarnation(name: string): number {
    return this.#stored.get(name)?.incarnation ?? 1;
  }

  /** Whether something of a document is on the disk that nobody can be shown: it is behind a gap, or refers to what was never sent. */
  hidesSome(name: string): boolean {
    return this.of(name).hasMoreThan(this.shown(name));
  }

  synced(stored: StoredDocument, change: DiskChange): void {
    this.#stored.set(stored.name, stored);
    if (change.change === 'replaced') return this.compare(stored);
    if (change.change === 'buried') return void this.#documents.delete(stored.name);
    const clocks = this.of(stored.name);
    let bytes = 0;
    for (const update of change.updates) {
      const said = readUpdate(update);
      this.#authors.expectKnown(said.structs);
      this.#authors.expectKnown(said.deleted);
      clocks.add(said);
      this.#everything.add(said);
      bytes += update.length;
    }
    this.largestEntryBytes = Math.max(this.largestEntryBytes, bytes);
  }

  /** The disk has been put back to an earlier state: what came after it is forgiven. */
  restored(documents: Iterable<StoredDocument>): void {
    this.past = {};
    this.hasGoneBack = true;
    this.#documents = new Map();
    this.#everything = new Clocks();
    this.#stored = new Map();
    for (const stored of documents) {
      this.#stored.set(stored.name, stored);
      for (const piece of piecesOf(stored)) {
        const said = readUpdate(piece);
        this.of(stored.name).add(said);
        this.#everything.add(said);
      }
    }
  }

  /**
   * What of this is on the disk in no document, and was not before its deletion, in words. Client ids are never those of two
   * documents.
   */
  lacks(said: Said): string | undefined {
    return this.#everything.lacks(said);
  }

  /** Reads a document from the disk once more, and compares it with what has been synced of it. */
  compare(stored: StoredDocument): void {
    const read = new Clocks();
    for (const bytes of piecesOf(stored)) read.add(readUpdate(bytes));
    const known = this.of(stored.name);
    const lost = read.lacks(known.all());
    expectThat(
      lost === undefined,
      () => `O2: ${stored.name} was on the disk with ${lost}, and is without it`,
    );
    const foreign = known.lacks(read.all());
    expectThat(foreign === undefined, () => `O3: ${stored.name} has ${foreign}, which was never committed`);
  }
}

/** Everything that is stored of a document, in causal order. */
export function piecesOf({ snapshot, tail }: StoredDocument): Uint8Array[] {
  return [...(snapshot?.chunks ?? []), ...tail.flatMap(({ updates }) => updates)];
}
