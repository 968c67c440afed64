// A page of an app that uses the client SDK: what it can do hangs on `window.app`, for whoever drives the browser.
import { createClient } from '@syncline/client';

const client = createClient({ url: new URLSearchParams(location.search).get('sync')! });
const notes = client.open('notes/today');
const text = notes.doc.getText('content');

const app = {
  write: (letters: string): void => text.insert(text.length, letters),
  text: (): string => text.toJSON(),
  status: () => notes.status,
  saved: async (): Promise<void> => notes.saved(),
  /** How long until it tries to connect again; 0 while it does not wait for that. */
  pauseMs: (): number => {
    const { connection } = notes.status;
    return connection.state === 'waiting' ? connection.retryAtMs - performance.now() : 0;
  },
  close: async (): Promise<void> => client.close(),
};

export type App = typeof app;

declare global {
  interface Window {
    app: App;
  }
}

window.app = app;
