// The status line: what is known of the connection, and how many changes no server has yet been told of.
import type { WebsocketProvider } from 'y-websocket';

/** `kept` counts the changes made in this window since the server last had all of them. */
export type Status =
  | { readonly is: 'connecting'; readonly kept: number }
  | { readonly is: 'connected'; readonly kept: 0 }
  | { readonly is: 'offline'; readonly kept: number }
  | { readonly is: 'refused'; readonly kept: number; readonly reason: string };

export type Happening =
  | { readonly type: 'synced' }
  | { readonly type: 'edited' }
  | { readonly type: 'lost' }
  | { readonly type: 'refused'; readonly reason: string };

/** A lost connection stays `offline` through every further attempt, until one has exchanged the document. */
export function next(status: Status, happening: Happening): Status {
  switch (happening.type) {
    case 'synced':
      return { is: 'connected', kept: 0 };
    case 'edited':
      return status.is === 'connected' ? status : { ...status, kept: status.kept + 1 };
    case 'lost':
      return status.is === 'refused' ? status : { is: 'offline', kept: status.kept };
    case 'refused':
      return { is: 'refused', kept: status.kept, reason: happening.reason };
  }
}

/** What follows the first word of the status line. */
export function detail(status: Status): string {
  switch (status.is) {
    case 'connecting':
    case 'connected':
      return '';
    case 'offline':
      return `: ${kept(status.kept)} kept in this window`;
    case 'refused':
      return `: ${status.reason}`;
  }
}

/** Keeps the line true, and asks before the window is closed over changes that exist nowhere else. */
export function showStatus(line: HTMLElement, provider: WebsocketProvider): void {
  const word = line.querySelector('[role=status]')!;
  const rest = line.querySelector('span')!;
  let status: Status = { is: 'connecting', kept: 0 };

  const show = () => {
    line.dataset['state'] = status.is;
    const first = words[status.is];
    // Written only when it differs: a live region is read out whenever it is written.
    if (word.textContent !== first) word.textContent = first;
    rest.textContent = detail(status);
  };
  const take = (happening: Happening) => {
    status = next(status, happening);
    show();
  };

  provider.on('sync', (isSynced) => isSynced && take({ type: 'synced' }));
  provider.on('connection-close', () => take({ type: 'lost' }));
  provider.on('closed', ({ code, reason }) =>
    take({ type: 'refused', reason: reason || `close code ${code}` }),
  );
  provider.doc.on('update', (_update, origin) => origin !== provider && take({ type: 'edited' }));
  addEventListener('beforeunload', (event) => {
    if (status.kept > 0) event.preventDefault();
  });
  show();
}

const words = { connecting: 'Connecting', connected: 'Connected', offline: 'Offline', refused: 'Refused' };

function kept(count: number): string {
  if (count === 0) return 'changes are';
  return count === 1 ? '1 change is' : `${count} changes are`;
}
