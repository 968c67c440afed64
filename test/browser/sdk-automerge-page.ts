// A page of an app that has Automerge documents, built by Vite as the README of the client says.
import { initializeWasm } from '@automerge/automerge';
import wasm from '@automerge/automerge/automerge.wasm?url';
import { createClient } from '@syncline/client/automerge';

await initializeWasm(wasm);

const client = createClient({ url: new URLSearchParams(location.search).get('sync')! });
const list = client.open<Record<'lines', string[]>>('list', { engine: 'automerge' });
const said: unknown[] = [];
list.ephemeral.listen((value) => said.push(value));

const listApp = {
  begin: async (): Promise<void> => {
    await list.synced();
    list.change((doc) => {
      doc.lines ??= [];
    });
    await list.saved();
  },
  write: (line: string): void => list.change((doc) => void doc.lines.push(line)),
  lines: (): readonly string[] => list.current.lines ?? [],
  say: (value: unknown): void => list.ephemeral.send(value),
  said: (): readonly unknown[] => said,
  others: (): number => list.presence.getStates().size - 1,
  status: () => list.status,
  saved: async (): Promise<void> => list.saved(),
};

export type List = typeof listApp;

declare global {
  interface Window {
    list: List;
  }
}

window.list = listApp;
