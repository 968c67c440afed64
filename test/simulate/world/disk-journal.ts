// The journal of one process on a disk: one write at a time, each of which takes its time, is there when it is synced and is
// told a moment later. A process that ends in between has lost it, or has not told of it.
import type { Clock } from '@syncline/server/port/clock.ts';
import {
  type ChunkPage,
  CommitFailed,
  type Committed,
  CorruptRow,
  type Draft,
  type Head,
  type Journal,
  type JournalStatistics,
  type LogPage,
  type Replacement,
  type Sequence,
} from '@syncline/server/port/journal.ts';
import type { Lineage } from '@syncline/server/store/lineage.ts';
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

interface Appending {
  readonly name: DocumentName;
  readonly draft: () => Draft;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: Error) => void;
}

/** Something else that is written, between two commits. */
interface Writing {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class DiskJournal implements Journal {
  readonly digestKey: Uint8Array;
  readonly replica: Uint8Array;
  readonly epoch: Uint8Array;
  readonly #lineage: Lineage;
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #manners: DiskManners;
  #head: Sequence;
  #appending: Appending[] = [];
  readonly #writing: Writing[] = [];
  #isBusy = false;
  #hasUntold = false;
  #onIdle: (() => void) | undefined;

  /** Nothing happens any more once the clock's process has ended. */
  constructor(disk: Disk, clock: Clock, manners: DiskManners) {
    this.#disk = disk;
    this.#clock = clock;
    this.#manners = manners;
    const { epoch, lineage } = disk.boot();
    this.digestKey = disk.digestKey;
    this.replica = disk.replica;
    this.epoch = epoch;
    this.#lineage = lineage;
    this.#head = disk.head;
  }

  /** Whether something is synced of which the process has not heard. */
  get hasUntold(): boolean {
    return this.#hasUntold;
  }

  isInLineage(epoch: Uint8Array, sequence: Sequence): boolean {
    return this.#lineage.includes(epoch, sequence, this.#head);
  }

  append(name: DocumentName, draft: () => Draft): Promise<Committed> {
    return new Promise((resolve, reject) => {
      this.#appending.push({ name, draft, resolve, reject });
      this.#next();
    });
  }

  head(name: DocumentName): Promise<Head | undefined> {
    return this.#read(() => {
      const stored = this.#disk.find(name);
      if (!stored) return undefined;
      const { id: document, engine, sequence, digest, isCostly, tail, snapshot } = stored;
      const chunks = snapshot?.chunks ?? [];
      return {
        document,
        engine,
        sequence,
        digest,
        isCostly,
        tail,
        snapshot: snapshot && {
          through: snapshot.through,
          version: snapshot.version,
          chunkCount: chunks.length,
          bytes: sizeOf(chunks),
        },
      };
    });
  }

  log(document: number, after: Sequence, maxBytes: number): Promise<LogPage | 'compacted'> {
    return this.#read(() => {
      const { snapshot, tail } = this.#disk.expect(document);
      if (snapshot && after < snapshot.through) return 'compacted';
      const rest = tail.filter(({ sequence }) => sequence > after);
      const count = countWithin(
        rest.map(({ updates }) => sizeOf(updates)),
        maxBytes,
      );
      return { entries: rest.slice(0, count), isLast: count === rest.length };
    });
  }

  chunks(
    document: number,
    through: Sequence,
    from: number,
    maxBytes: number,
  ): Promise<ChunkPage | 'replaced'> {
    return this.#read(() => {
      const { snapshot } = this.#disk.expect(document);
      if (snapshot?.through !== through) return 'replaced';
      const rest = snapshot.chunks.slice(from);
      const count = countWithin(
        rest.map(({ length }) => length),
        maxBytes,
      );
      return { chunks: rest.slice(0, count), isLast: count === rest.length };
    });
  }

  replace(replacement: Replacement): Promise<void> {
    return this.#write(() => this.#disk.replace(replacement));
  }

  markCostly(document: number): Promise<void> {
    return this.#write(() => this.#disk.markCostly(document));
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

  #write(write: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writing.push({ write, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#isBusy) return;
    const writing = this.#writing.shift();
    this.#isBusy = writing !== undefined || this.#appending.length > 0;
    if (writing) this.#begin('other', writing);
    else if (this.#isBusy) this.#clock.after(this.#manners.gatherMs(), () => this.#commit());
    else this.#onIdle?.();
  }

  #commit(): void {
    const appending = this.#appending;
    this.#appending = [];
    const drafts = appending.map(({ name, draft }) => ({ name, draft: draft() }));
    let committed: Committed[];
    this.#begin('commit', {
      write: () => (committed = this.#disk.commit(drafts)),
      resolve: () => {
        this.#head = committed.at(-1)!.sequence;
        appending.forEach(({ resolve }, index) => resolve(committed[index]!));
      },
      reject: (error) => {
        for (const { reject } of appending) reject(error);
      },
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

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** How many of these sizes it takes to reach `maxBytes`. */
function countWithin(sizes: readonly number[], maxBytes: number): number {
  let bytes = 0;
  const count = sizes.findIndex((size) => (bytes += size) >= maxBytes);
  return count < 0 ? sizes.length : count + 1;
}
