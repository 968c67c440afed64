// The page: one document at a time, named by the address after '#', shared by every window that has it open.
import { createClient, SyncError } from '../src/index.ts';
import { indexedDb } from '../src/indexeddb.ts';
import { webPlatform } from '../src/web/platform.ts';
import { hashOf, nameIn, shareLink, syncUrl, tokenIn } from './address.ts';
import { bindDrawer } from './drawer.ts';
import { ownPerson, rename } from './identity.ts';
import { keepingNote, storeName } from './keeping.ts';
import { OpenDocument } from './open-document.ts';
import { FrameLog } from './panel/frame-log.ts';
import { Network } from './panel/network.ts';
import { Panel } from './panel/panel.ts';
import { element, pageNonce } from '../parts/page.ts';
import { reasonOf } from '../parts/reason.ts';
import { bindShare } from './share.ts';
import { keepPage } from './shell/register.ts';
import { statusView } from './status-view.ts';
import { SteadyLine } from '../parts/steady-line.ts';
import { titleField } from './title-field.ts';
import { VisitedList } from './visited-list.ts';

const token = tokenIn(location.href);
const url = syncUrl(location.href);
const log = new FrameLog();
const network = new Network(webPlatform, log);
const kept = indexedDb({ name: storeName(url, token) });
const client = createClient(
  { url, token, store: network.store(kept), preventUnsavedChanges: true },
  network.platform(kept),
);
const nonce = pageNonce();

let shown: OpenDocument | undefined;

const view = statusView(retry);
const keeping = element('#keeping', HTMLElement);
let line = new SteadyLine(view);
const visits = new VisitedList();
const title = titleField(openByName);
const documentStatus = () => shown?.document.status;
const panel = new Panel({ client, documentStatus, network, log });

bindShare(() => shareLink(location.href, nameIn(location.hash)));
bindDrawer();
bindName();
// A token goes along.
for (const link of document.querySelectorAll<HTMLAnchorElement>('#examples a')) link.search = location.search;
element('#skip', HTMLButtonElement).addEventListener('click', () => shown?.focus());
addEventListener('hashchange', show);
client.onStatus(noteKeeping);
show();
keepPage();

function show(): void {
  if (shown) void leave(shown);
  shown = undefined;
  line.end();
  line = new SteadyLine(view);
  const name = nameIn(location.hash);
  title.show(name);
  try {
    shown = new OpenDocument(name, { client, nonce, show: (next) => line.take(next), changed });
    visits.visit(name);
    changed();
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    line.take({ is: 'refused', text: reasonOf(error) });
  }
}

function openByName(name: string): void {
  if (name !== nameIn(location.hash)) {
    history.pushState(null, '', hashOf(name));
    show();
  }
  shown?.focus();
}

async function leave(document: OpenDocument): Promise<void> {
  try {
    await document.leave();
  } catch {
    // It was refused: what was typed in it is still there when somebody comes back to it.
  }
}

function retry(): void {
  client.retry();
  shown?.document.retry();
}

function changed(): void {
  panel.changed();
  noteKeeping();
}

function noteKeeping(): void {
  const note = keepingNote(client.status, shown?.document.status.local);
  keeping.hidden = note === undefined;
  if (note !== undefined && keeping.textContent !== note) keeping.textContent = note;
}

function bindName(): void {
  const input = element('#own-name', HTMLInputElement);
  input.value = ownPerson().name;
  input.addEventListener('change', () => {
    input.value = rename(input.value, shown?.document.presence);
  });
}
