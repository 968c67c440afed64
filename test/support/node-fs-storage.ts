// Storage for a Repo in files that lie where those of automerge-repo's own storage for Node do, which is not among the packages here.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Chunk, StorageAdapterInterface, StorageKey } from '@automerge/automerge-repo';

export class NodeFSStorageAdapter implements StorageAdapterInterface {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async load(key: StorageKey): Promise<Uint8Array | undefined> {
    return (await this.loadRange(key))[0]?.data;
  }

  async save(key: StorageKey, data: Uint8Array): Promise<void> {
    await mkdir(dirname(this.#path(key)), { recursive: true });
    await writeFile(this.#path(key), data);
  }

  async remove(key: StorageKey): Promise<void> {
    await rm(this.#path(key), { force: true, recursive: true });
  }

  async loadRange(prefix: StorageKey): Promise<Chunk[]> {
    const chunks = (await this.#files()).map(async (path) => {
      const [letters = '', rest = '', ...others] = relative(this.#folder, path).split(sep);
      return { key: [letters + rest, ...others], data: new Uint8Array(await readFile(path)) };
    });
    return (await Promise.all(chunks)).filter(({ key }) => prefix.every((part, at) => part === key[at]));
  }

  async removeRange(prefix: StorageKey): Promise<void> {
    await this.remove(prefix);
  }

  async #files(): Promise<string[]> {
    const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }

  #path([first = '', ...rest]: StorageKey): string {
    return join(this.#folder, first.slice(0, 2), first.slice(2), ...rest);
  }
}
