// The page: one document, named by the address after '#', shared by every window that has it open.
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { enter, showPeople } from './people.ts';
import { showStatus } from './status.ts';
import { bindTextarea } from './textarea-binding.ts';

const form = document.querySelector<HTMLFormElement>('#open')!;
const input = document.querySelector<HTMLInputElement>('#name')!;
const textarea = document.querySelector<HTMLTextAreaElement>('#text')!;
const people = document.querySelector<HTMLUListElement>('#people')!;
const status = document.querySelector<HTMLElement>('#status')!;

const name = nameIn(location.hash);
input.value = name;
document.title = `${name} · Syncline`;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  location.hash = encodeURIComponent(input.value.trim().toWellFormed());
});
// Another document is another page: nothing of this one can leak into it.
addEventListener('hashchange', () => location.reload());

const doc = new Y.Doc();
const provider = new WebsocketProvider(
  `${location.origin.replace(/^http/, 'ws')}/yjs`,
  // The provider puts the name into its URL as it is.
  encodeURIComponent(name),
  doc,
  // Windows of one browser would otherwise exchange edits past the server, and the status line would not be true.
  { disableBc: true },
);

bindTextarea(textarea, doc, 'content');
showStatus(status, provider);
enter(provider.awareness, sessionStorage);
showPeople(people, provider.awareness);
// What is typed after a refusal would reach nobody.
provider.on('closed', () => {
  textarea.readOnly = true;
});

function nameIn(hash: string): string {
  try {
    return decodeURIComponent(hash.slice(1)).trim() || 'welcome';
  } catch {
    return hash.slice(1);
  }
}
