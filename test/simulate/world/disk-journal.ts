// The journal of one process on a disk: one write at a time, each of which takes its time, is there when it is synced and is
// told a moment later. A process that ends in between has lost it, or has not told of it.
import type { Clock } from '@syncline/server/port/clock.ts';
import {
  type ChunkPage,
  CommitFailed,
  type Committed,
  CorruptRow,
  type Draft,
  type FeedPage,
  type Head,
  type Journal,
  type JournalStatistics,
  type LeafPage,
  type Listing,
  type LogPage,
  type Replacement,
  type Restoration,
  type Salvage,
  type Sequence,
  type TreeSums,
} from '@syncline/server/port/journal.ts';
import type { Memory } from '@syncline/server/store/batch.ts';
import { CommitQueue } from '@syncline/server/store/commit-queue.ts';
import type { Lineage } from '@syncline/server/store/lineage.ts';
import { chunksOf, headOf, listingOf, logOf, salvageOf } from '@syncline/server/store/stored-document.ts';
import type { DocumentName } from '@syncline/shared';
import type { Disk } from './disk.ts';

/** How the disk behaves at the moment; asked for every access. */
export interface DiskManners {
  /** How long it gathers before a commit begins. */
  gatherMs(): number;
  writeMs(): number;
  /** How long the process does not hear of what is done. */
  tellMs(): number;
  readMs(): number;
  failsNow(writing: 'commit' | 'other'): boolean;
  /** Whether a row that is read at this moment cannot be read. */
  isUnreadable(): boolean;
}

/** What the disk says when it fails on purpose. */
export const diskFull = 'the disk is full';
export const unreadable = 'a row cannot be read';

/** Something else that is written, between two commits. */
interface Writing {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class DiskJournal implements Journal {
  readonly digestKey: Uint8Array;
  readonly replica: Uint8Array;
  #lineage: Lineage;
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #manners: DiskManners;
  #head: Sequence;
  readonly #queue = new CommitQueue();
  readonly #writing: Writing[] = [];
  #isBusy = false;
  #hasUntold = false;
  #tree: 'unknown' | 'building' | 'built' = 'unknown';
  #onIdle: (() => void) | undefined;

  /** Nothing happens any more once the clock's process has ended. */
  constructor(disk: Disk, clock: Clock, manners: DiskManners) {
    this.#disk = disk;
    this.#clock = clock;
    this.#manners = manners;
    this.digestKey = disk.digestKey;
    this.replica = disk.replica;
    this.#lineage = disk.boot().lineage;
    this.#head = disk.head;
  }

  /** Whether something is synced of which the process has not heard. */
  get hasUntold(): boolean {
    return this.#hasUntold;
  }

  get epoch(): Uint8Array {
    return this.#lineage.epoch;
  }

  get lastSequence(): Sequence {
    return this.#head;
  }

  isInLineage(epoch: Uint8Array, sequence: Sequence): boolean {
    return this.#lineage.includes(epoch, sequence, this.#head);
  }

  append(name: DocumentName, draft: () => Draft): Promise<Committed> {
    const committed = this.#queue.append(name, draft);
    this.#next();
    return committed;
  }

  head(name: DocumentName): Promise<Head | undefined> {
    return this.#read(() => {
      const stored = this.#disk.find(name);
      return stored && headOf(stored);
    });
  }

  log(document: number, after: Sequence, maxBytes: number): Promise<LogPage | 'compacted'> {
    return this.#read(() => logOf(this.#disk.stored.expect(document), after, maxBytes));
  }

  chunks(
    document: number,
    through: Sequence,
    from: number,
    maxBytes: number,
  ): Promise<ChunkPage | 'replaced'> {
    return this.#read(() => chunksOf(this.#disk.stored.expect(document), through, from, maxBytes));
  }

  async replace(replacement: Replacement): Promise<Sequence | undefined> {
    const sequence = await this.#write(() => this.#disk.replace(replacement));
    this.#head = sequence ?? this.#head;
    return sequence;
  }

  salvage(name: DocumentName): Promise<Salvage | undefined> {
    return this.#read(() => {
      const stored = this.#disk.find(name);
      return stored && salvageOf(stored);
    });
  }

  async restore(restoration: Restoration): Promise<Sequence> {
    return (this.#head = await this.#write(() => this.#disk.restoreDocument(restoration)));
  }

  markCostly(document: number): Promise<void> {
    return this.#write(() => this.#disk.markCostly(document));
  }

  async beginEpoch(): Promise<Uint8Array> {
    this.#lineage = (await this.#write(() => this.#disk.boot(this.#lineage.start))).lineage;
    return this.epoch;
  }

  feed(after: Sequence, maxListings: number): Promise<FeedPage> {
    return this.#read(() => this.#disk.stored.feed(after, maxListings));
  }

  countAfter(sequence: Sequence): Promise<number> {
    return this.#read(() => this.#disk.stored.countAfter(sequence));
  }

  named(alias: Uint8Array): Promise<DocumentName | undefined> {
    return this.#read(() => this.#disk.stored.named(alias));
  }

  listings(names: readonly DocumentName[]): Promise<readonly (Listing | undefined)[]> {
    return this.#read(() =>
      names.map((name) => {
        const stored = this.#disk.find(name);
        return stored && listingOf(stored);
      }),
    );
  }

  /** From memory, and a process that has just begun has none yet. */
  async sums(of: 'root' | 'branches' | number): Promise<TreeSums | undefined> {
    if (this.#tree === 'unknown') {
      this.#tree = 'building';
      this.#clock.after(this.#manners.readMs(), () => (this.#tree = 'built'));
    }
    return this.#tree === 'built' ? this.#disk.stored.sums(of) : undefined;
  }

  leaf(leaf: number, after: string, maxListings: number): Promise<LeafPage> {
    return this.#read(() => this.#disk.stored.leaf(leaf, after, maxListings));
  }

  memories(): Promise<readonly Memory[]> {
    return this.#read(() => this.#disk.memories);
  }

  remember(key: Uint8Array, take: () => Uint8Array | undefined): Promise<void> {
    const remembered = this.#queue.remember(key, take);
    this.#next();
    return remembered;
  }

  async statistics(): Promise<JournalStatistics> {
    return { databaseBytes: 0, logBytes: 0 };
  }

  async stop(): Promise<void> {
    if (this.#isBusy) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  /** What is there when it is read, and not when it has come. */
  #read<Value>(look: () => Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#clock.after(this.#manners.readMs(), () => {
        let tell: () => void;
        try {
          if (this.#manners.isUnreadable()) throw new CorruptRow(unreadable);
          const found = look();
          tell = () => resolve(found);
        } catch (error) {
          tell = () => reject(error);
        }
        this.#clock.after(this.#manners.tellMs(), tell);
      });
    });
  }

  #write<Result>(write: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      let result: Result;
      this.#writing.push({ write: () => (result = write()), resolve: () => resolve(result), reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#isBusy) return;
    const writing = this.#writing.shift();
    this.#isBusy = writing !== undefined || !this.#queue.isEmpty;
    if (writing) this.#begin('other', writing);
    else if (this.#isBusy) this.#clock.after(this.#manners.gatherMs(), () => this.#commit());
    else this.#onIdle?.();
  }

  #commit(): void {
    const gathered = this.#queue.gather();
    let committed: Committed[];
    this.#begin('commit', {
      write: () => (committed = this.#disk.commit(gathered.drafts, gathered.memories)),
      resolve: () => {
        this.#head = committed.at(-1)?.sequence ?? this.#head;
        gathered.committed(committed);
      },
      reject: gathered.failed,
    });
  }

  #begin(kind: 'commit' | 'other', { write, resolve, reject }: Writing): void {
    this.#clock.after(this.#manners.writeMs(), () => {
      let failure: Error | undefined;
      try {
        if (this.#manners.failsNow(kind)) throw new CommitFailed(diskFull);
        write();
      } catch (error) {
        failure = error as Error;
      }
      this.#hasUntold = failure === undefined;
      this.#clock.after(this.#manners.tellMs(), () => {
        this.#isBusy = this.#hasUntold = false;
        if (failure) reject(failure);
        else resolve();
        this.#next();
      });
    });
  }
}
