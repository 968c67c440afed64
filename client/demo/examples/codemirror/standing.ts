// What a y-websocket provider knows of how things stand.
import type { WebsocketProvider } from 'y-websocket';
import type { Line } from '../../../parts/status-line.ts';
import type { Facts } from '../frame.ts';

export class Standing {
  readonly #provider: WebsocketProvider;
  /** Why the document can only be read here, if that is so. y-websocket is not told. */
  #readOnly: string | undefined;
  #hasConnected = false;
  /** Why the server does not want to be asked again. */
  #refusal: string | undefined;

  /** `changed` is called whenever something may be different. */
  constructor(provider: WebsocketProvider, changed: () => void) {
    this.#provider = provider;
    provider.on('status', ({ status }) => {
      this.#hasConnected ||= status === 'connected';
      if (status === 'connected') this.#refusal = undefined;
      changed();
    });
    provider.on('sync', changed);
    provider.on('closed', ({ code, reason }) => {
      this.#refusal = `${reason || 'no reason given'} (${code})`;
      changed();
    });
  }

  set readOnly(reason: string | undefined) {
    this.#readOnly = reason;
  }

  get facts(): Facts {
    const { url, wsconnected, synced } = this.#provider;
    return {
      'provider.url': withoutQuery(url),
      'provider.wsconnected': wsconnected,
      'provider.synced': synced,
    };
  }

  get line(): Line {
    const { wsconnected, synced } = this.#provider;
    if (this.#refusal !== undefined) {
      return { is: 'refused', text: `The server has refused: ${this.#refusal}`, retry: 'Retry' };
    }
    if (!wsconnected && this.#hasConnected) {
      return { is: 'offline', text: 'Offline: changes are kept here', retry: 'Try now' };
    }
    if (!wsconnected) return { is: 'connecting', text: 'Connecting' };
    if (!synced) return { is: 'loading', text: 'Loading' };
    if (this.#readOnly !== undefined) return { is: 'reading', text: `Read only: ${this.#readOnly}` };
    return { is: 'synced', text: 'Connected and in sync' };
  }
}

/** A token is for nobody's eyes. */
function withoutQuery(url: string): string {
  return url.replace(/\?.*/s, '');
}
