// A page that keeps a document in IndexedDB, by Syncline's store or by y-indexeddb: types it, and opens it again.
import { createClient, type Platform } from '@syncline/client';
import { indexedDb } from '@syncline/client/indexeddb';
import { webPlatform } from '@syncline/client/web/platform.ts';
import { IndexeddbPersistence, storeState } from 'y-indexeddb';
import * as Y from 'yjs';
import { SeededRandom } from '../../support/random.ts';

/** So many edits of all are typed while the document is kept, each in a turn of its own: less than either replaces by a snapshot. */
const editsInTail = 400;

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

/** y-indexeddb connects to nobody either. */
const offline: Platform = { ...webPlatform, connect: () => ({ send: () => {}, close: () => {} }) };

const kinds: Readonly<Record<DeviceKind, (doc: Y.Doc) => Kept>> = {
  syncline: (doc) => {
    const client = createClient({ url: 'ws://nowhere/sync', store: indexedDb() }, offline);
    const notes = client.open('notes', { doc });
    const stored = (): Promise<void> => notes.saved({ tier: 'local' });
    return {
      doc: notes.doc,
      loaded: notes.loaded(),
      stored,
      close: async () => client.close({ savedWithinMs: 0 }),
    };
  },
  'y-indexeddb': (doc) => {
    const persistence = new IndexeddbPersistence('notes', doc);
    // It does not say when it has stored what: a state that is stored behind everything does.
    const stored = async (): Promise<void> => storeState(persistence, false);
    return { doc, loaded: persistence.whenSynced, stored, close: async () => persistence.destroy() };
  },
};

const device = {
  /** Types so many edits, most of one letter and one in ten a deletion; resolves with the length when they are stored. */
  async type(kind: DeviceKind, edits: number): Promise<number> {
    const doc = new Y.Doc();
    const text = doc.getText('content');
    const random = new SeededRandom(edits);
    let at = 0;
    const edit = (): void => {
      if (random.oneIn(30)) at = random.below(text.length + 1);
      if (at > 0 && random.oneIn(10)) text.delete(--at, 1);
      else text.insert(at++, String.fromCharCode(97 + random.below(26)));
    };
    for (let count = editsInTail; count < edits; count++) edit();
    const kept = kinds[kind](doc);
    await kept.loaded;
    await kept.stored();
    for (let count = 0; count < editsInTail; count++) {
      edit();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await kept.stored();
    await kept.close();
    return text.length;
  },

  async open(kind: DeviceKind): Promise<Opening> {
    const begun = performance.now();
    const kept = kinds[kind](new Y.Doc());
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
