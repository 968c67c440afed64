// A page of an app that works offline: what it can do hangs on `window.app`, for whoever drives the browser.
import { createClient, LocalStoreError } from '@syncline/client';
import { indexedDb } from '@syncline/client/indexeddb';

const parameters = new URLSearchParams(location.search);
const client = createClient({
  url: parameters.get('sync')!,
  store: indexedDb({ name: 'app' }),
  preventUnsavedChanges: true,
});
const notes = client.open(parameters.get('document') ?? 'notes/today');
const text = notes.doc.getText('content');

/** How something ended that was promised. */
const outcome = async (promise: Promise<void>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof LocalStoreError ? error.code : String(error)),
  );

const app = {
  write: (letters: string): void => text.insert(text.length, letters),
  remove: (letters: string): void => text.delete(text.toJSON().indexOf(letters), letters.length),
  text: (): string => text.toJSON(),
  status: () => client.status,
  /** Why the device keeps nothing at the moment. */
  trouble: (): string | undefined => {
    const { durability } = client.status;
    return durability.state === 'failed' ? durability.error.code : undefined;
  },
  local: () => notes.status.local,
  loaded: async (): Promise<void> => notes.loaded(),
  saved: async (): Promise<string> => outcome(notes.saved()),
  savedHere: async (): Promise<string> => outcome(notes.saved({ tier: 'local' })),
  /** Types a word for as long as the page lives, and says of each when this device has it. */
  typeOn: (name: string): void => {
    let count = 0;
    const next = (): void => {
      const word = `${name}.${count++}`;
      app.write(`${word} `);
      notes.saved({ tier: 'local' }).then(
        () => console.log(`kept ${word}`),
        () => {},
      );
      notes.saved().then(
        () => console.log(`stored ${word}`),
        () => {},
      );
    };
    setInterval(next, 7);
  },
  close: async (): Promise<void> => client.close(),
};

export type OfflineApp = typeof app;

declare global {
  interface Window {
    offlineApp: OfflineApp;
  }
}

window.offlineApp = app;
