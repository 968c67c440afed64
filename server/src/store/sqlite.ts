// The journal on SQLite: one writer thread that commits what has gathered while its last commit ran, and reader threads,
// so that the event loop never waits for a disk.
import { setImmediate, setTimeout } from 'node:timers';
import type { Transferable } from 'node:worker_threads';
import type { DocumentName } from '@syncline/shared';
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
} from '../port/journal.ts';
import { Lineage } from './lineage.ts';
import { databasePath, StoreRefused } from './open.ts';
import type { ReadAnswer, ReadRequest } from './reader-thread.ts';
import { packUpdates } from './row.ts';
import { Thread } from './thread.ts';
import { type Batch, type BatchCommitted, digestBytes, type Identity, numbersADraft } from './writer.ts';
import type { WriteAnswer, WriteRequest, WriterSettings } from './writer-thread.ts';

export interface SqliteSettings extends WriterSettings {
  /** Called when a commit's outcome on the disk is unknown: nothing but reading the file again can tell, so the process must end. */
  readonly onFatal: (error: Error) => void;
  /** Called after each commit with the seconds it took and the updates it held. */
  readonly onCommit: (seconds: number, updates: number, isCommitted: boolean) => void;
}

/** One for whoever opens a document while another reads a large one. */
const readerThreads = 2;
/** Past this a commit begins with what it has: larger ones only delay everybody's acknowledgement. */
const maxBatchBytes = 8 * 1024 * 1024;

/**
 * A commit begins at the earliest this long after the one before it began. Whoever types alone never notices; a hundred who
 * type at once share a commit where they would have had five, which halves what an update costs.
 */
const minCommitIntervalMs = 2;

interface Appending {
  readonly name: DocumentName;
  readonly draft: () => Draft;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: Error) => void;
}

export class SqliteJournal implements Journal {
  readonly digestKey: Uint8Array;
  readonly replica: Uint8Array;
  readonly epoch: Uint8Array;
  readonly #lineage: Lineage;
  #head: Sequence;
  readonly #writer: Thread<WriteRequest, WriteAnswer>;
  readonly #readers: Thread<ReadRequest, ReadAnswer>[];
  readonly #settings: SqliteSettings;
  #appending: Appending[] = [];
  #isCommitting = false;
  #isScheduled = false;
  #lastBeganMs = -Infinity;
  #onIdle: (() => void) | undefined;

  private constructor(
    settings: SqliteSettings,
    writer: Thread<WriteRequest, WriteAnswer>,
    readers: Thread<ReadRequest, ReadAnswer>[],
    { digestKey, replica, epochs, head }: Identity,
  ) {
    this.#settings = settings;
    this.#writer = writer;
    this.#readers = readers;
    this.digestKey = digestKey;
    this.replica = replica;
    this.epoch = epochs.at(-1)!.id;
    this.#lineage = new Lineage(epochs);
    this.#head = head;
  }

  /** Rejects with StoreRefused when the folder cannot be served from; it is then as it was. */
  static async open(settings: SqliteSettings): Promise<SqliteJournal> {
    const { folder, durability } = settings;
    // Nothing can be promised of a store one of whose threads has ended.
    let isOpen = false;
    const onDeath = (error: Error): void => {
      if (isOpen) settings.onFatal(error);
    };
    const writer = new Thread<WriteRequest, WriteAnswer>(
      new URL('writer-thread.ts', import.meta.url),
      { folder, durability } satisfies WriterSettings,
      onDeath,
    );
    const opened = await writer.next();
    if (opened.kind !== 'opened') {
      throw new StoreRefused(opened.kind === 'refused' ? opened.sentence : 'The store cannot be opened.');
    }
    const readers = Array.from(
      { length: readerThreads },
      () =>
        new Thread<ReadRequest, ReadAnswer>(
          new URL('reader-thread.ts', import.meta.url),
          databasePath(folder),
          onDeath,
        ),
    );
    // Each says that it has the database open.
    await Promise.all(readers.map((reader) => reader.next()));
    isOpen = true;
    return new SqliteJournal(settings, writer, readers, opened.identity);
  }

  isInLineage(epoch: Uint8Array, sequence: Sequence): boolean {
    return this.#lineage.includes(epoch, sequence, this.#head);
  }

  append(name: DocumentName, draft: () => Draft): Promise<Committed> {
    return new Promise((resolve, reject) => {
      this.#appending.push({ name, draft, resolve, reject });
      this.#schedule();
    });
  }

  async head(name: DocumentName): Promise<Head | undefined> {
    return (await this.#read({ kind: 'head', name })) as Head | undefined;
  }

  async log(document: number, after: Sequence, maxBytes: number): Promise<LogPage | 'compacted'> {
    return (await this.#read({ kind: 'log', document, after, maxBytes })) as LogPage | 'compacted';
  }

  async chunks(
    document: number,
    through: Sequence,
    from: number,
    maxBytes: number,
  ): Promise<ChunkPage | 'replaced'> {
    return (await this.#read({ kind: 'chunks', document, through, from, maxBytes })) as
      ChunkPage | 'replaced';
  }

  async replace(replacement: Replacement): Promise<void> {
    await this.#write({ kind: 'replace', replacement });
  }

  async markCostly(document: number): Promise<void> {
    await this.#write({ kind: 'costly', document });
  }

  async statistics(): Promise<JournalStatistics> {
    return (await this.#read({ kind: 'statistics' })) as JournalStatistics;
  }

  async stop(): Promise<void> {
    if (this.#isCommitting || this.#appending.length > 0) {
      await new Promise<void>((resolve) => (this.#onIdle = resolve));
    }
    // Readers first: the last connection to close is then the writer's, which checkpoints the log.
    const threads = [...this.#readers, this.#writer];
    for (const thread of threads) await thread.close({ kind: 'close' });
  }

  /** At the end of the turn, when every socket that was readable has been read. */
  #schedule(): void {
    if (this.#isScheduled || this.#isCommitting || this.#appending.length === 0) return;
    this.#isScheduled = true;
    const begin = (): void => {
      this.#isScheduled = false;
      void this.#commit();
    };
    const waitMs = this.#lastBeganMs + minCommitIntervalMs - performance.now();
    if (waitMs > 0) setTimeout(begin, waitMs);
    else setImmediate(begin);
  }

  async #commit(): Promise<void> {
    this.#isCommitting = true;
    const { batch, taken, updates } = this.#takeBatch();
    const began = (this.#lastBeganMs = performance.now());
    const transfer = [batch.data.buffer as ArrayBuffer, batch.numbers.buffer as ArrayBuffer];
    let committed: BatchCommitted | undefined;
    try {
      committed = await this.#write({ kind: 'commit', batch }, transfer);
    } catch (error) {
      for (const { reject } of taken) reject(error as CommitFailed);
    }
    this.#isCommitting = false;
    this.#settings.onCommit((performance.now() - began) / 1_000, updates, committed !== undefined);
    if (committed) {
      const { first, documents } = committed;
      this.#head = first + documents.length - 1;
      taken.forEach(({ resolve }, index) =>
        resolve({ document: documents[index]!, sequence: first + index }),
      );
    }
    // The documents append again in the continuations of these promises, which run before the scheduled turn.
    if (this.#appending.length > 0) this.#schedule();
    else this.#onIdle?.();
  }

  /** The one place that judges how a write ended. Rejects with CommitFailed. */
  async #write(
    request: WriteRequest,
    transfer: readonly Transferable[] = [],
  ): Promise<BatchCommitted | undefined> {
    let answer: WriteAnswer;
    try {
      answer = await this.#writer.ask(request, transfer);
    } catch (error) {
      throw new CommitFailed(String(error));
    }
    if (answer.kind === 'done') return answer.committed;
    const { code, message } = answer as Extract<WriteAnswer, { kind: 'failed' }>;
    // After a failed fsync the kernel may have dropped the pages: a later success would say nothing of them.
    if (code === 'SQLITE_IOERR_FSYNC') this.#settings.onFatal(new Error(`fsync failed: ${message}`));
    throw new CommitFailed(message);
  }

  #takeBatch(): { batch: Batch; taken: Appending[]; updates: number } {
    const taken: Appending[] = [];
    const drafts: { draft: Draft; packed: Uint8Array }[] = [];
    let bytes = 0;
    let updates = 0;
    while (taken.length < this.#appending.length && bytes < maxBatchBytes) {
      const appending = this.#appending[taken.length]!;
      const draft = appending.draft();
      const packed = packUpdates(draft.updates);
      taken.push(appending);
      drafts.push({ draft, packed });
      bytes += digestBytes + packed.length;
      updates += draft.updates.length;
    }
    this.#appending = this.#appending.slice(taken.length);
    const numbers = new Float64Array(drafts.length * numbersADraft);
    const data = new Uint8Array(bytes);
    let at = 0;
    drafts.forEach(({ draft, packed }, index) => {
      numbers.set([draft.document ?? 0, draft.previous, packed.length], index * numbersADraft);
      data.set(draft.digest, at);
      data.set(packed, at + digestBytes);
      at += digestBytes + packed.length;
    });
    const names = taken.map(({ name }) => name);
    return {
      batch: { names, engines: drafts.map(({ draft }) => draft.engine), numbers, data },
      taken,
      updates,
    };
  }

  async #read(request: ReadRequest): Promise<unknown> {
    const idlest = this.#readers.reduce((best, thread) => (thread.depth < best.depth ? thread : best));
    const answer = await idlest.ask(request);
    if (answer.kind === 'read') return answer.result;
    throw answer.isCorrupt ? new CorruptRow(answer.message) : new Error(answer.message);
  }
}
