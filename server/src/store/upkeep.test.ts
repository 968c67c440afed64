import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { databasePath, openStore } from './open.ts';
import { maxRestingLogBytes, Upkeep } from './upkeep.ts';

const quietMs = 20;
const rowBytes = 16 * 1024;
/** As `better-sqlite3` sets it. */
const busyMs = 5_000;

it('[STO9] the log is emptied and what is free is given back, however much it is', async () => {
  using store = new Store();
  // Several pieces of a megabyte.
  store.fill(1_000);
  const fullBytes = store.fileBytes;
  store.remove();
  expect(store.logBytes).toBeGreaterThan(maxRestingLogBytes);
  store.rest();
  await expect.poll(() => store.isSmall, { timeout: 10_000 }).toBe(true);
  expect(store.fileBytes).toBeLessThan(fullBytes / 10);
  expect(store.health()).toBe('ok');
});

it('[STO9] what is written meanwhile comes first', async () => {
  using store = new Store();
  store.fill(1_000);
  store.remove();
  const upkeep = store.rest();
  const began = performance.now();
  let [disturbedAt, longestMs] = [began, 0];
  while (disturbedAt < began + 5 * quietMs) {
    store.fill(1);
    upkeep.disturbed();
    await new Promise(setImmediate);
    const now = performance.now();
    longestMs = Math.max(longestMs, now - disturbedAt);
    disturbedAt = now;
  }
  // On a machine that was held up there was rest in between.
  expect(store.logBytes > maxRestingLogBytes || longestMs >= quietMs).toBe(true);
  await expect.poll(() => store.isSmall, { timeout: 10_000 }).toBe(true);
});

it('[STO9] a reader that is at it delays that, and nothing else', async () => {
  using store = new Store();
  store.fill(1_000);
  using reader = new OpenReader(store.path);
  store.remove();
  const began = performance.now();
  store.rest();
  await expect.poll(() => store.freePages).toBeLessThan(100);
  store.fill(1);
  expect(reader.count()).toBe(1_000);
  expect(store.logBytes).toBeGreaterThan(maxRestingLogBytes);
  reader.end();
  await expect.poll(() => store.isSmall, { timeout: 10_000 }).toBe(true);
  // SQLite itself would have let everybody wait for so long.
  expect(performance.now() - began).toBeLessThan(busyMs);
});

it('[STO9] a file that was made before keeps its free room, and its log is emptied all the same', async () => {
  using store = new Store((path) => {
    const earlier = new Database(path);
    earlier.exec('CREATE TABLE t (id INTEGER); DROP TABLE t');
    earlier.close();
  });
  store.fill(1_000);
  store.remove();
  const { freePages } = store;
  expect(freePages).toBeGreaterThan(1_000);
  store.rest();
  await expect.poll(() => store.logBytes).toBe(0);
  expect(store.freePages).toBe(freePages);
});

/** Somebody who reads what was there when he began. */
class OpenReader implements Disposable {
  readonly #database: Database.Database;

  constructor(path: string) {
    this.#database = new Database(path, { readonly: true });
    this.#database.exec('BEGIN');
    this.count();
  }

  count(): number {
    return this.#database.prepare<[], number>('SELECT count(*) FROM quarantine').pluck().get()!;
  }

  end(): void {
    this.#database.exec('COMMIT');
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

class Store implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'syncline-'));
  readonly #open;
  #upkeep: Upkeep | undefined;

  constructor(prepare?: (path: string) => void) {
    prepare?.(this.path);
    this.#open = openStore(this.#folder, 'normal');
  }

  get path(): string {
    return databasePath(this.#folder);
  }

  get fileBytes(): number {
    return statSync(this.path).size;
  }

  get logBytes(): number {
    const path = `${this.path}-wal`;
    return existsSync(path) ? statSync(path).size : 0;
  }

  get freePages(): number {
    return this.#open.database.pragma('freelist_count', { simple: true }) as number;
  }

  rest(): Upkeep {
    return (this.#upkeep = new Upkeep(this.#open.database, quietMs));
  }

  fill(rows: number): void {
    const { database } = this.#open;
    const add = database.prepare('INSERT INTO quarantine (document, data, checksum) VALUES (1, ?, 0)');
    database.transaction(() => {
      for (let row = 0; row < rows; row++) add.run(Buffer.alloc(rowBytes, row));
    })();
  }

  remove(): void {
    this.#open.database.exec('DELETE FROM quarantine');
  }

  /** Whether there is no more than is to be there at rest. */
  get isSmall(): boolean {
    return this.logBytes === 0 && this.freePages < 100;
  }

  health(): unknown {
    return this.#open.database.pragma('quick_check', { simple: true });
  }

  [Symbol.dispose](): void {
    this.#upkeep?.stop();
    this.#open.database.close();
    this.#open.lock.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
