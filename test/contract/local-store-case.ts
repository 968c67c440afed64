// What the suite of every store is made of: cases, and what they write.
import type { LocalStore, LocalWrite, LocalWritten } from '@syncline/client/local/store.ts';

/** A place of a case's own, where nothing is kept yet. */
interface Place {
  /** The store, as another tab or the next process opens it. */
  readonly open: () => LocalStore;
}

export interface LocalStoreCase {
  readonly name: string;
  /** Whether several stores have the place open at once, which a place for one process cannot be asked for. */
  readonly isShared?: true;
  readonly run: (place: Place) => Promise<void>;
}

export function write(parts: Partial<LocalWrite>): LocalWrite {
  return { document: 'a', engine: 'yjs', life: undefined, updates: [], ...parts };
}

export function written(answers: readonly LocalWritten[]): Extract<LocalWritten, { is: 'written' }> {
  const [answer] = answers;
  if (answer?.is !== 'written') throw new Error(`not written: ${answer?.is}`);
  return answer;
}

/** Opens it for the time of an action. */
export async function using<Result>(
  open: () => LocalStore,
  action: (store: LocalStore) => Promise<Result>,
): Promise<Result> {
  const store = open();
  try {
    return await action(store);
  } finally {
    await store.close();
  }
}
