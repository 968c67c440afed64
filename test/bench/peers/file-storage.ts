// Storage for a Repo that is one file for each key, as its authors' own for Node is, which is not among the packages here. That
// one keeps everything in memory as well; this one does not. Nothing is synced to the disk.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { type Chunk, StorageAdapter, type StorageKey } from '@automerge/automerge-repo';

export class FileStorage extends StorageAdapter {
  readonly #folder: string;

  constructor(folder: string) {
    super();
    this.#folder = folder;
  }

  override async load(key: StorageKey): Promise<Uint8Array | undefined> {
    try {
      return new Uint8Array(await readFile(this.#path(key)));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  override async save(key: StorageKey, data: Uint8Array): Promise<void> {
    const path = this.#path(key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, data);
  }

  override async remove(key: StorageKey): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  override async loadRange(prefix: StorageKey): Promise<Chunk[]> {
    const files = await this.#filesBelow(this.#path(prefix));
    return Promise.all(
      files.map(async (path) => ({
        key: relative(this.#folder, path).split(sep),
        data: new Uint8Array(await readFile(path)),
      })),
    );
  }

  override async removeRange(prefix: StorageKey): Promise<void> {
    await rm(this.#path(prefix), { recursive: true, force: true });
  }

  async #filesBelow(folder: string): Promise<string[]> {
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** Ids, hashes and fixed words: none of them leads out of the folder. */
  #path(key: StorageKey): string {
    return join(this.#folder, ...key);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
