// The page: one document at a time, named by the address after '#', shared by every window that has it open.
import { createClient, SyncError } from '../src/index.ts';
import { hashOf, nameIn, shareLink, syncUrl, tokenIn } from './address.ts';
import { bindDrawer } from './drawer.ts';
import { ownPerson, rename } from './identity.ts';
import { OpenDocument } from './open-document.ts';
import { element, pageNonce } from '../parts/page.ts';
import { reasonOf } from '../parts/reason.ts';
import { bindShare } from './share.ts';
import { statusView } from './status-view.ts';
import { isLosing } from '../parts/status-line.ts';
import { SteadyLine } from '../parts/steady-line.ts';
import { titleField } from './title-field.ts';
import { VisitedList } from './visited-list.ts';

const token = tokenIn(location.href);
const client = createClient({ url: syncUrl(location.href), ...(token === undefined ? {} : { token }) });
const nonce = pageNonce();

/** All that are open: the one that is shown, and those left that are not saved yet. */
const open = new Set<OpenDocument>();
let shown: OpenDocument | undefined;

const view = statusView(retry);
let line = new SteadyLine(view);
const visits = new VisitedList();
const title = titleField(openByName);

bindShare(() => shareLink(location.href, nameIn(location.hash)));
bindDrawer();
bindName();
// A token goes along.
for (const link of document.querySelectorAll<HTMLAnchorElement>('#examples a')) link.search = location.search;
element('#skip', HTMLButtonElement).addEventListener('click', () => shown?.focus());
addEventListener('hashchange', show);
addEventListener('beforeunload', (event) => {
  if ([...open].some(({ document }) => isLosing(document.status))) event.preventDefault();
});
show();

function show(): void {
  if (shown) void leave(shown);
  shown = undefined;
  line.end();
  line = new SteadyLine(view);
  const name = nameIn(location.hash);
  title.show(name);
  try {
    shown = new OpenDocument(name, { client, nonce, show: (next) => line.take(next) });
    open.add(shown);
    visits.visit(name);
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
    open.delete(document);
  } catch {
    // It was refused: what was typed in it is still there when somebody comes back to it.
  }
}

function retry(): void {
  client.retry();
  shown?.document.retry();
}

function bindName(): void {
  const input = element('#own-name', HTMLInputElement);
  input.value = ownPerson().name;
  input.addEventListener('change', () => {
    input.value = rename(input.value, shown?.document.presence);
  });
}
