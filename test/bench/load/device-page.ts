// A page that keeps a document in IndexedDB, by Syncline's store or by y-indexeddb: types it, and opens it again.
import { createClient } from '@syncline/client';
import { indexedDb } from '@syncline/client/indexeddb';
import { IndexeddbPersistence, storeState } from 'y-indexeddb';
import * as Y from 'yjs';
import { SeededRandom } from '../../support/random.ts';

/** So many edits are typed between two looks at the store, as it would be at a keyboard. */
const editsATurn = 50;

export type DeviceKind = 'syncline' | 'y-indexeddb';

export interface Opening {
  /** From the beginning until the text is in the document. */
  readonly milliseconds: number;
  readonly length: number;
}

interface Kept {
  readonly doc: Y.Doc;
  readonly loaded: Promise<unknown>;
  stored(): Promise<unknown>;
  close(): Promise<unknown>;
}

const kinds: Readonly<Record<DeviceKind, () => Kept>> = {
  syncline: () => {
    // Nobody listens there.
    const client = createClient({ url: 'ws://127.0.0.1:9/sync', store: indexedDb() });
    const notes = client.open('notes');
    const stored = (): Promise<void> => notes.saved({ tier: 'local' });
    return { doc: notes.doc, loaded: notes.loaded(), stored, close: async () => client.close() };
  },
  'y-indexeddb': () => {
    const doc = new Y.Doc();
    const persistence = new IndexeddbPersistence('notes', doc);
    // It does not say when it has stored what: a state that is stored behind everything does.
    const stored = async (): Promise<void> => storeState(persistence, false);
    return { doc, loaded: persistence.whenSynced, stored, close: async () => persistence.destroy() };
  },
};

const device = {
  /** Types so many edits, most of one letter and one in ten a deletion; resolves with the length when they are stored. */
  async type(kind: DeviceKind, edits: number): Promise<number> {
    const kept = kinds[kind]();
    await kept.loaded;
    const text = kept.doc.getText('content');
    const random = new SeededRandom(edits);
    let at = 0;
    for (let edit = 0; edit < edits; edit++) {
      if (random.oneIn(30)) at = random.below(text.length + 1);
      if (at > 0 && random.oneIn(10)) text.delete(--at, 1);
      else text.insert(at++, String.fromCharCode(97 + random.below(26)));
      if (edit % editsATurn === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await kept.stored();
    await kept.close();
    return text.length;
  },

  async open(kind: DeviceKind): Promise<Opening> {
    const begun = performance.now();
    const kept = kinds[kind]();
    await kept.loaded;
    const { length } = kept.doc.getText('content');
    const milliseconds = performance.now() - begun;
    await kept.close();
    return { milliseconds, length };
  },

  async bytes(): Promise<number> {
    return (await navigator.storage.estimate()).usage ?? 0;
  },
};

export type Device = typeof device;

declare global {
  interface Window {
    device: Device;
  }
}

window.device = device;
