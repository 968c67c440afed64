import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DocumentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { sumBytes } from '../digest/tree.ts';
import { CommitFailed, type Draft } from '../port/journal.ts';
import { packBatch } from './batch.ts';
import { openStore } from './open.ts';
import { Writer } from './writer.ts';

/** More than a slice reads at once, many times over. */
const documentCount = 1_500;

it('[TRE4] a tree that is built beside writes is that of a build from nothing', () => {
  using store = new Store();
  store.fill(documentCount);
  expect(store.writer.sums('root')).toBeUndefined();
  let [slices, step] = [0, 0];
  while (store.writer.tree.isBuilding) {
    store.writer.tree.build(0);
    slices++;
    // Some that it has passed, some that it has not, and some that are new.
    for (const part of [0, 0.2, 0.4, 0.6, 0.8, 1]) store.change(Math.floor(part * documentCount), step++);
    store.refused(step % documentCount);
  }
  expect(slices).toBeGreaterThan(10);
  store.change(3, step++);
  const sums = store.everything();
  store.writer.tree.drop();
  expect(store.writer.sums('root')).toBeUndefined();
  store.writer.tree.build(Infinity);
  expect(store.everything()).toEqual(sums);
});

it('[TRE5] a transaction that is rolled back leaves the tree as it was, before and after it is built', () => {
  using store = new Store();
  store.fill(200);
  store.writer.sums('root');
  store.writer.tree.build(0);
  expect(store.writer.tree.isBuilding).toBe(true);
  store.refused(1);
  store.writer.tree.build(Infinity);
  const sums = store.everything();
  store.refused(1);
  store.refused(199);
  expect(store.everything()).toEqual(sums);
  store.change(1, 5);
  const changed = store.everything();
  expect(changed).not.toEqual(sums);
  expect(store.rebuilt()).toEqual(changed);
});

it('[TRE6] a row that is damaged is in no sum, and once it is written again it is', () => {
  using store = new Store();
  store.fill(100);
  const whole = store.rebuilt();
  store.damage(7);
  const damaged = store.rebuilt();
  expect([whole, damaged].map(countOf)).toEqual([100, 99]);
  store.change(7, 1);
  expect(store.writer.sums('root')).toBeUndefined();
  store.writer.tree.build(Infinity);
  const mended = store.everything();
  expect(countOf(mended)).toBe(100);
  expect(store.rebuilt()).toEqual(mended);
});

class Store implements Disposable {
  readonly writer: Writer;
  readonly #folder = mkdtempSync(join(tmpdir(), 'syncline-'));
  readonly #open = openStore(this.#folder, 'normal');
  /** Of the documents from 1 on. */
  readonly #last: { sequence: number; incarnation: number; isDeleted: boolean }[] = [];

  constructor() {
    this.writer = new Writer(this.#open.database);
    this.writer.begin();
  }

  /** Every sum there is. */
  everything(): Uint8Array[] {
    return (['root', 'branches', ...Array(256).keys()] as const).map((of) => this.writer.sums(of)!.sums);
  }

  /** The same, read from what is stored. */
  rebuilt(): Uint8Array[] {
    this.writer.tree.drop();
    this.writer.sums('root');
    this.writer.tree.build(Infinity);
    return this.everything();
  }

  fill(count: number): void {
    for (let index = 0; index < count; index++) this.change(index, index);
  }

  /** Commits a change of a document: an update, and now and then a deletion and what follows it. */
  change(index: number, step: number): void {
    const at = Math.min(index, this.#last.length);
    const last = this.#last[at] ?? { sequence: 0, incarnation: 1, isDeleted: false };
    const isBurial = !last.isDeleted && last.sequence > 0 && step % 3 === 0;
    const incarnation = last.incarnation + (last.isDeleted ? 1 : 0);
    const burial = isBurial ? Uint8Array.of(1) : undefined;
    const draft = this.#draft(at, { incarnation, burial, digest: new Uint8Array(16).fill(step) });
    const { first } = this.writer.commit(packBatch([{ name: nameOf(at), draft }], []));
    this.#last[at] = { sequence: first, incarnation, isDeleted: isBurial };
  }

  /** Has a change of a document rolled back. */
  refused(index: number): void {
    const { incarnation, isDeleted } = this.#last[index]!;
    const next = { incarnation: incarnation + (isDeleted ? 1 : 0), digest: new Uint8Array(16).fill(77) };
    const drafts = [
      { name: nameOf(index), draft: this.#draft(index, next) },
      { name: nameOf(-1), draft: this.#draft(-1, { document: 1_000_000, previous: 1 }) },
    ];
    let isCommitted = true;
    try {
      this.writer.commit(packBatch(drafts, []));
    } catch (error) {
      if (!(error instanceof CommitFailed)) throw error;
      isCommitted = false;
    }
    if (isCommitted) throw new Error('a draft that follows nothing was committed');
  }

  damage(index: number): void {
    this.#open.database.prepare('UPDATE document SET digest = zeroblob(16) WHERE id = ?').run(index + 1);
  }

  [Symbol.dispose](): void {
    this.#open.database.close();
    this.#open.lock.close();
    rmSync(this.#folder, { recursive: true });
  }

  #draft(index: number, parts: Partial<Draft>): Draft {
    const last = this.#last[index];
    const place = { document: last && index + 1, previous: last?.sequence ?? 0 };
    const content = { updates: [Uint8Array.of(1)], digest: new Uint8Array(16), incarnation: 1 };
    return { engine: 'yjs', ...place, ...content, ...parts };
  }
}

/** How many documents there are in the root, which is the first of the sums. */
function countOf([root]: readonly Uint8Array[]): number {
  return new DataView(root!.buffer).getUint32(sumBytes - 4, true);
}

function nameOf(index: number): DocumentName {
  return `notes/${index}` as DocumentName;
}
