// What a power cut leaves: the documents and epochs that were synced, each state immutable, so that whoever reads it keeps
// what he has read.
import type { Digest, EngineName } from '@syncline/server/port/engine.ts';
import {
  CommitFailed,
  type Committed,
  type Draft,
  type Entry,
  type Replacement,
  type Sequence,
} from '@syncline/server/port/journal.ts';
import { type Epoch, epochBytes, Lineage, replicaBytes } from '@syncline/server/store/lineage.ts';
import type { DocumentName } from '@syncline/shared';
import type { SeededRandom } from '../../support/random.ts';

export interface StoredDocument {
  readonly id: number;
  readonly name: DocumentName;
  readonly engine: EngineName;
  readonly sequence: Sequence;
  readonly digest: Digest;
  readonly isCostly: boolean;
  readonly snapshot: StoredSnapshot | undefined;
  readonly tail: readonly Entry[];
}

interface StoredSnapshot {
  readonly through: Sequence;
  readonly version: Uint8Array;
  readonly chunks: readonly Uint8Array[];
}

/** A backup: everything that was there at a moment. */
export interface Image {
  readonly documents: ReadonlyMap<DocumentName, StoredDocument>;
  readonly epochs: readonly Epoch[];
  readonly head: Sequence;
}

/** What is told of every change that was synced. */
export type DiskChange =
  { readonly change: 'appended'; readonly updates: readonly Uint8Array[] } | { readonly change: 'replaced' };

export class Disk {
  readonly digestKey: Uint8Array;
  readonly replica: Uint8Array;
  readonly #random: SeededRandom;
  #documents = new Map<DocumentName, StoredDocument>();
  #epochs: Epoch[] = [];
  readonly #onChange: (stored: StoredDocument, change: DiskChange) => void;
  #head: Sequence = 0;

  constructor(
    random: SeededRandom,
    onChange: (stored: StoredDocument, change: DiskChange) => void = () => {},
  ) {
    this.#random = random;
    this.#onChange = onChange;
    this.digestKey = drawn(random, 16);
    this.replica = drawn(random, replicaBytes);
  }

  get head(): Sequence {
    return this.#head;
  }

  get documents(): Iterable<StoredDocument> {
    return this.#documents.values();
  }

  /** A process has opened it: that begins an epoch. */
  boot(): { epoch: Uint8Array; lineage: Lineage } {
    const epoch = drawn(this.#random, epochBytes);
    this.#epochs.push({ id: epoch, start: this.#head });
    return { epoch, lineage: new Lineage(this.#epochs) };
  }

  image(): Image {
    return { documents: new Map(this.#documents), epochs: [...this.#epochs], head: this.#head };
  }

  /** Puts a backup in the place of everything; only while no process has it open. */
  restore({ documents, epochs, head }: Image): void {
    this.#documents = new Map(documents);
    this.#epochs = [...epochs];
    this.#head = head;
  }

  find(name: DocumentName): StoredDocument | undefined {
    return this.#documents.get(name);
  }

  expect(id: number): StoredDocument {
    for (const stored of this.#documents.values()) if (stored.id === id) return stored;
    throw new Error(`there is no document ${id}`);
  }

  /** One transaction: all of it, or nothing. Throws CommitFailed. */
  commit(drafts: readonly { readonly name: DocumentName; readonly draft: Draft }[]): Committed[] {
    for (const { name, draft } of drafts) {
      const known = this.#documents.get(name);
      if (known?.id !== draft.document || (known?.sequence ?? 0) !== draft.previous) {
        throw new CommitFailed('the draft does not follow the document as it is');
      }
    }
    return drafts.map(({ name, draft }) => this.#append(name, draft));
  }

  replace({ document, through, version, chunks, digest }: Replacement): void {
    const stored = this.expect(document);
    this.#put(
      {
        ...stored,
        snapshot: { through, version, chunks },
        tail: stored.tail.filter(({ sequence }) => sequence > through),
        digest: digest ?? stored.digest,
      },
      { change: 'replaced' },
    );
  }

  markCostly(document: number): void {
    const stored = this.expect(document);
    this.#documents.set(stored.name, { ...stored, isCostly: true });
  }

  #append(name: DocumentName, { engine, digest, updates }: Draft): Committed {
    const known = this.#documents.get(name);
    const id = known?.id ?? this.#documents.size + 1;
    const sequence = ++this.#head;
    const entry: Entry = { sequence, updates: updates.map((update) => update.slice()) };
    const stored: StoredDocument = {
      id,
      name,
      engine,
      sequence,
      digest,
      isCostly: known?.isCostly ?? false,
      snapshot: known?.snapshot,
      tail: [...(known?.tail ?? []), entry],
    };
    this.#put(stored, { change: 'appended', updates: entry.updates });
    return { document: id, sequence };
  }

  #put(stored: StoredDocument, change: DiskChange): void {
    this.#documents.set(stored.name, stored);
    this.#onChange(stored, change);
  }
}

function drawn(random: SeededRandom, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}
