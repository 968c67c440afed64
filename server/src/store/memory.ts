// The journal in memory, under the same contract: for tests of what stands on it, and for trying things out.
import type { DocumentName } from '@syncline/shared';
import type { Digest, EngineName } from '../port/engine.ts';
import {
  type ChunkPage,
  CommitFailed,
  type Committed,
  type Draft,
  type Entry,
  type Head,
  type Journal,
  type JournalStatistics,
  type LogPage,
  type Replacement,
  type Sequence,
} from '../port/journal.ts';
import { epochBytes, Lineage, replicaBytes } from './lineage.ts';

interface Stored {
  readonly id: number;
  readonly engine: EngineName;
  sequence: Sequence;
  digest: Digest;
  isCostly: boolean;
  snapshot: { through: Sequence; version: Uint8Array; chunks: readonly Uint8Array[] } | undefined;
  tail: Entry[];
  readonly quarantined: Uint8Array[];
}

export class MemoryJournal implements Journal {
  readonly digestKey: Uint8Array;
  readonly replica = new Uint8Array(replicaBytes).fill(1);
  readonly epoch = new Uint8Array(epochBytes).fill(1);
  readonly #lineage = new Lineage([{ id: this.epoch, start: 0 }]);
  readonly #byName = new Map<DocumentName, Stored>();
  readonly #byId = new Map<number, Stored>();
  #head: Sequence = 0;

  constructor(digestKey: Uint8Array = new Uint8Array(16)) {
    this.digestKey = digestKey;
  }

  isInLineage(epoch: Uint8Array, sequence: Sequence): boolean {
    return this.#lineage.includes(epoch, sequence, this.#head);
  }

  async append(name: DocumentName, draft: () => Draft): Promise<Committed> {
    // One turn of the queue later, as a commit that gathers would.
    await Promise.resolve();
    const { document, engine, previous, updates, digest } = draft();
    const known = this.#byName.get(name);
    if (known?.id !== document || (known?.sequence ?? 0) !== previous) {
      throw new CommitFailed('the draft does not follow the document as it is');
    }
    const stored = known ?? this.#create(name, engine);
    stored.sequence = ++this.#head;
    stored.digest = digest;
    stored.tail.push({ sequence: stored.sequence, updates: updates.map((update) => update.slice()) });
    return { document: stored.id, sequence: stored.sequence };
  }

  async head(name: DocumentName): Promise<Head | undefined> {
    const stored = this.#byName.get(name);
    if (!stored) return undefined;
    const { id, engine, sequence, digest, isCostly, snapshot, tail } = stored;
    return {
      document: id,
      engine,
      sequence,
      digest,
      isCostly,
      snapshot: snapshot && {
        through: snapshot.through,
        version: snapshot.version,
        chunkCount: snapshot.chunks.length,
        bytes: snapshot.chunks.reduce((sum, { length }) => sum + length, 0),
      },
      tail: [...tail],
    };
  }

  async log(document: number, after: Sequence, maxBytes: number): Promise<LogPage | 'compacted'> {
    const { snapshot, tail } = this.#expect(document);
    if (snapshot && after < snapshot.through) return 'compacted';
    const rest = tail.filter(({ sequence }) => sequence > after);
    return page(
      rest,
      maxBytes,
      ({ updates }) => updates.reduce((sum, { length }) => sum + length, 0),
      'entries',
    );
  }

  async chunks(
    document: number,
    through: Sequence,
    from: number,
    maxBytes: number,
  ): Promise<ChunkPage | 'replaced'> {
    const { snapshot } = this.#expect(document);
    if (snapshot?.through !== through) return 'replaced';
    return page(snapshot.chunks.slice(from), maxBytes, ({ length }) => length, 'chunks');
  }

  async replace({ document, through, version, chunks, quarantined, digest }: Replacement): Promise<void> {
    const stored = this.#expect(document);
    stored.snapshot = { through, version, chunks };
    stored.tail = stored.tail.filter(({ sequence }) => sequence > through);
    stored.quarantined.push(...quarantined);
    if (digest) stored.digest = digest;
  }

  async markCostly(document: number): Promise<void> {
    this.#expect(document).isCostly = true;
  }

  async statistics(): Promise<JournalStatistics> {
    return { databaseBytes: 0, logBytes: 0 };
  }

  async stop(): Promise<void> {}

  #create(name: DocumentName, engine: EngineName): Stored {
    const id = this.#byName.size + 1;
    const stored: Stored = {
      id,
      engine,
      sequence: 0,
      digest: new Uint8Array(16),
      isCostly: false,
      snapshot: undefined,
      tail: [],
      quarantined: [],
    };
    this.#byName.set(name, stored);
    this.#byId.set(id, stored);
    return stored;
  }

  #expect(document: number): Stored {
    const stored = this.#byId.get(document);
    if (!stored) throw new Error(`there is no document ${document}`);
    return stored;
  }
}

function page<Part, Name extends string>(
  parts: readonly Part[],
  maxBytes: number,
  bytesOf: (part: Part) => number,
  name: Name,
): Record<Name, readonly Part[]> & { isLast: boolean } {
  let bytes = 0;
  let count = 0;
  while (count < parts.length && bytes < maxBytes) bytes += bytesOf(parts[count++]!);
  return { [name]: parts.slice(0, count), isLast: count === parts.length } as Record<
    Name,
    readonly Part[]
  > & {
    isLast: boolean;
  };
}
