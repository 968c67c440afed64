// A store in a file, for one process of Node 22 or later.
import type { LocalStore } from './local/store.ts';
import { FileStore } from './file/store.ts';

/**
 * Opens the file when it is first needed, and makes it if it is not there; its folder has to be. Beside it are a folder with its name and
 * `.lock`, and for moments a file with `.new`.
 */
export function fileStore(path: string): LocalStore {
  return new FileStore(path);
}

// All that a store is asked, and says.
export * from './local/store.ts';
