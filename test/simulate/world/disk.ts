// What a power cut leaves: the documents, memories and epochs that were synced, each state immutable, so that whoever reads it
// keeps what he has read.
import type {
  Committed,
  Draft,
  Entry,
  Replacement,
  Restoration,
  Sequence,
} from '@syncline/server/port/journal.ts';
import type { Memory, NamedDraft } from '@syncline/server/store/batch.ts';
import { type Epoch, epochBytes, Lineage, replicaBytes } from '@syncline/server/store/lineage.ts';
import type { DamagedRow, StoredDocument } from '@syncline/server/store/stored-document.ts';
import { StoredDocuments } from '@syncline/server/store/stored-documents.ts';
import type { DocumentName } from '@syncline/shared';
import type { SeededRandom } from '../../support/random.ts';

export type { StoredDocument };

/** A backup: everything that was there at a moment. */
export interface Image {
  readonly documents: readonly StoredDocument[];
  readonly memories: ReadonlyMap<string, Memory>;
  readonly epochs: readonly Epoch[];
  readonly head: Sequence;
}

/** What is told of every change that was committed. */
export type DiskChange =
  | { readonly change: 'appended'; readonly updates: readonly Uint8Array[] }
  | { readonly change: 'buried' }
  | { readonly change: 'replaced' };

export interface DiskSettings {
  readonly onChange: (stored: StoredDocument, change: DiskChange) => void;
  /** Under `normal` a commit is synced with a later one, and until then a power cut may take it away. */
  readonly durability: 'full' | 'normal';
  /** Replicas of one cluster have the same. */
  readonly digestKey: Uint8Array;
  /** Of a copy: that of the disk that it was made of. */
  readonly replica: Uint8Array;
  /** An epoch begins. */
  readonly onEpoch: (epoch: Uint8Array) => void;
}

/** Under `normal`, one commit in so many syncs all before it. */
const commitsASync = 8;

export class Disk {
  readonly digestKey: Uint8Array;
  readonly replica: Uint8Array;
  readonly stored: StoredDocuments;
  readonly #random: SeededRandom;
  readonly #settings: Partial<DiskSettings>;
  #memories = new Map<string, Memory>();
  #epochs: Epoch[] = [];
  /** What was there before each commit that is not synced, oldest first. */
  #unsynced: Image[] = [];

  constructor(random: SeededRandom, settings: Partial<DiskSettings> = {}) {
    this.#random = random;
    this.#settings = settings;
    this.digestKey = settings.digestKey ?? drawn(random, 16);
    this.replica = settings.replica ?? drawn(random, replicaBytes);
    this.stored = new StoredDocuments(this.digestKey);
  }

  get durability(): 'full' | 'normal' {
    return this.#settings.durability ?? 'full';
  }

  get head(): Sequence {
    return this.stored.head;
  }

  /** Of the process that has it open, or had it last. */
  get epoch(): Uint8Array | undefined {
    return this.#epochs.at(-1)?.id;
  }

  get documents(): readonly StoredDocument[] {
    return this.stored.all();
  }

  get memories(): readonly Memory[] {
    return [...this.#memories.values()];
  }

  find(name: DocumentName): StoredDocument | undefined {
    return this.stored.find(name);
  }

  /** Begins an epoch: a process has opened it, or has found out that it must, and gives where that is to start. */
  boot(start: Sequence = this.head): { epoch: Uint8Array; lineage: Lineage } {
    const epoch = drawn(this.#random, epochBytes);
    this.#commit(() => this.#epochs.push({ id: epoch, start }));
    this.#settings.onEpoch?.(epoch);
    return { epoch, lineage: new Lineage([...this.#epochs]) };
  }

  image(): Image {
    return {
      documents: this.documents,
      memories: new Map(this.#memories),
      epochs: [...this.#epochs],
      head: this.head,
    };
  }

  /** Puts a backup in the place of everything; only while no process has it open. */
  restore({ documents, memories, epochs, head }: Image): void {
    this.stored.restore(documents, head);
    this.#memories = new Map(memories);
    this.#epochs = [...epochs];
    this.#unsynced = [];
  }

  /** Loses the last of the commits that are not synced, some of them or none; only while no process has it open. Gives how many. */
  powerCut(): number {
    const lost = this.#random.below(this.#unsynced.length + 1);
    const [image] = this.#unsynced.slice(this.#unsynced.length - lost);
    if (image) this.restore(image);
    // What is there when the power is back has been read from the disk.
    this.#unsynced = [];
    return lost;
  }

  /** One transaction: all of it, or nothing. Throws CommitFailed. */
  commit(drafts: readonly NamedDraft[], memories: readonly Memory[] = []): Committed[] {
    const committed = this.#commit(() => this.stored.commit(drafts));
    for (const { key, value } of memories) {
      if (value.length > 0) this.#memories.set(key.join(), { key: key.slice(), value: value.slice() });
      else this.#memories.delete(key.join());
    }
    committed.forEach((stored, index) => this.#tell(stored, changeOf(drafts[index]!.draft, stored.tail)));
    return committed.map(({ id: document, sequence }) => ({ document, sequence }));
  }

  /** Throws CommitFailed. */
  replace(replacement: Replacement): Sequence | undefined {
    const stored = this.#commit(() => this.stored.replace(replacement));
    this.#tell(stored, { change: 'replaced' });
    return replacement.digest && stored.sequence;
  }

  /** Throws CommitFailed. */
  restoreDocument(restoration: Restoration): Sequence {
    const stored = this.#commit(() => this.stored.restoreDocument(restoration));
    this.#tell(stored, { change: 'replaced' });
    return stored.sequence;
  }

  /** A row cannot be read from now on. */
  damage(name: DocumentName, row: DamagedRow): void {
    this.stored.damage(name, row);
  }

  markCostly(document: number): void {
    this.#commit(() => this.stored.markCostly(document));
  }

  #commit<Result>(work: () => Result): Result {
    if (this.durability === 'full') return work();
    const before = this.image();
    const result = work();
    this.#unsynced.push(before);
    if (this.#random.oneIn(commitsASync)) this.#unsynced = [];
    return result;
  }

  #tell(stored: StoredDocument, change: DiskChange): void {
    this.#settings.onChange?.(stored, change);
  }
}

function changeOf({ burial }: Draft, tail: readonly Entry[]): DiskChange {
  return burial ? { change: 'buried' } : { change: 'appended', updates: tail.at(-1)!.updates };
}

function drawn(random: SeededRandom, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}
