// All documents of a journal in memory: committed to as one, listed, and summed up in a digest tree.
import type { DocumentName } from '@syncline/shared';
import { DigestTree, leafOf } from '../digest/tree.ts';
import type { FeedPage, LeafPage, Replacement, Restoration, Sequence, TreeSums } from '../port/journal.ts';
import { aliasOf, hasAlias } from './alias.ts';
import type { NamedDraft } from './batch.ts';
import {
  afterDraft,
  afterReplacement,
  afterRestoration,
  type DamagedRow,
  listingOf,
  type StoredDocument,
} from './stored-document.ts';

export class StoredDocuments {
  readonly #digestKey: Uint8Array;
  #byName = new Map<DocumentName, StoredDocument>();
  #byId = new Map<number, StoredDocument>();
  #head: Sequence = 0;
  /** Made when somebody asks for a sum, and kept from then on. */
  #tree: DigestTree | undefined;

  constructor(digestKey: Uint8Array) {
    this.#digestKey = digestKey;
  }

  get head(): Sequence {
    return this.#head;
  }

  find(name: DocumentName): StoredDocument | undefined {
    return this.#byName.get(name);
  }

  expect(id: number): StoredDocument {
    const stored = this.#byId.get(id);
    if (!stored) throw new Error(`there is no document ${id}`);
    return stored;
  }

  all(): StoredDocument[] {
    return [...this.#byName.values()];
  }

  /** Puts an earlier state in the place of everything. */
  restore(documents: Iterable<StoredDocument>, head: Sequence): void {
    this.#byName.clear();
    this.#byId.clear();
    this.#tree = undefined;
    for (const stored of documents) this.#put(stored);
    this.#head = head;
  }

  /** All of it, or nothing; gives the documents as each draft left them. Throws CommitFailed. */
  commit(drafts: readonly NamedDraft[]): StoredDocument[] {
    const changed = new Map<DocumentName, StoredDocument>();
    let size = this.#byName.size;
    let head = this.#head;
    const committed = drafts.map(({ name, draft }) => {
      const known = changed.get(name) ?? this.#byName.get(name);
      const id = known?.id ?? size + 1;
      const stored = afterDraft(known, draft, { id, name, sequence: ++head });
      size = Math.max(size, id);
      changed.set(name, stored);
      return stored;
    });
    for (const stored of changed.values()) this.#put(stored);
    this.#head = head;
    return committed;
  }

  /** Throws CommitFailed. */
  replace(replacement: Replacement): StoredDocument {
    const stored = afterReplacement(this.expect(replacement.document), replacement, this.#head + 1);
    this.#put(stored);
    this.#head = Math.max(this.#head, stored.sequence);
    return stored;
  }

  /** Throws CommitFailed. */
  restoreDocument(restoration: Restoration): StoredDocument {
    const stored = this.expect(restoration.salvaged.document);
    const restored = afterRestoration(stored, restoration, this.#head + 1);
    this.#put(restored);
    this.#head = restored.sequence;
    return restored;
  }

  /** A row of a document cannot be read from now on. */
  damage(name: DocumentName, row: DamagedRow): void {
    const stored = this.#byName.get(name)!;
    this.#put({ ...stored, damage: [...stored.damage, row] });
  }

  markCostly(id: number): void {
    const stored = this.expect(id);
    if (!stored.isDeleted) this.#put({ ...stored, isCostly: true });
  }

  feed(after: Sequence, maxListings: number): FeedPage {
    const newer = this.all().filter(({ sequence }) => sequence > after);
    const listings = newer.toSorted((a, b) => a.sequence - b.sequence).map(listingOf);
    return { listings: listings.slice(0, maxListings), head: this.#head };
  }

  countAfter(after: Sequence): number {
    return this.all().filter(({ sequence }) => sequence > after).length;
  }

  named(alias: Uint8Array): DocumentName | undefined {
    return this.all().find(({ name, engine }) => hasAlias(engine) && Buffer.from(alias).equals(aliasOf(name)))
      ?.name;
  }

  leaf(leaf: number, after: string, maxListings: number): LeafPage {
    const rest = this.all().filter(({ name }) => leafOf(name) === leaf && compareNames(name, after) > 0);
    const listings = rest.toSorted((a, b) => compareNames(a.name, b.name)).map(listingOf);
    return { listings: listings.slice(0, maxListings), isLast: listings.length <= maxListings };
  }

  sums(of: 'root' | 'branches' | number): TreeSums {
    this.#tree ??= this.#grown();
    return { sums: this.#tree.sums(of), head: this.#head };
  }

  #grown(): DigestTree {
    const tree = new DigestTree(this.#digestKey);
    for (const stored of this.#byName.values()) tree.add(stored);
    return tree;
  }

  #put(stored: StoredDocument): void {
    const before = this.#byName.get(stored.name);
    if (before) this.#tree?.remove(before);
    this.#tree?.add(stored);
    this.#byName.set(stored.name, stored);
    this.#byId.set(stored.id, stored);
  }
}

/** As SQLite compares them: by their UTF-8 bytes, which is not the order of JavaScript's strings. */
function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
