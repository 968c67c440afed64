// A page of an app whose tabs share a connection: what it can do hangs on `window.tab`, for whoever drives the browser.
import { createClient } from '@syncline/client';
import { webPlatform } from '@syncline/client/web/platform.ts';
import { webTabs } from '@syncline/client/web/tabs.ts';

const tabs = webTabs('app');
const gone: string[] = [];
let told = 0;
const member = tabs?.join(webPlatform, {
  roleChanged: () => client.retry(),
  edited: () => told++,
  left: (name) => void gone.push(name),
});
const client = createClient(
  { url: new URLSearchParams(location.search).get('sync')! },
  member ? { ...webPlatform, connect: member.connect } : webPlatform,
);
const notes = client.open('notes/today');
const text = notes.doc.getText('content');

const tab = {
  write: (letters: string): void => text.insert(text.length, letters),
  text: (): string => text.toJSON(),
  saved: async (): Promise<void> => notes.saved(),
  role: () => member?.role,
  name: () => member?.name,
  connection: () => client.status.connection.state,
  tell: () => member?.tell({ document: 'notes', engine: 'yjs', incarnation: 0, updates: [Uint8Array.of(1)] }),
  told: () => told,
  gone: () => gone,
};

export type Tab = typeof tab;

declare global {
  interface Window {
    tab: Tab;
  }
}

window.tab = tab;
