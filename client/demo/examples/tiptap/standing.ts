// What a Hocuspocus provider knows of how things stand.
import { type HocuspocusProvider, WebSocketStatus } from '@hocuspocus/provider';
import type { Line } from '../../../parts/status-line.ts';
import type { Facts } from '../frame.ts';

export class Standing {
  readonly #provider: HocuspocusProvider;
  #hasConnected = false;
  #refusal: string | undefined;

  /** `changed` is called whenever something may be different. */
  constructor(provider: HocuspocusProvider, changed: () => void) {
    this.#provider = provider;
    provider.on('status', () => {
      this.#hasConnected ||= this.isConnected;
      changed();
    });
    provider.on('authenticated', () => {
      this.#refusal = undefined;
      changed();
    });
    provider.on('authenticationFailed', ({ reason }: { reason: string }) => {
      this.#refusal = reason;
      changed();
    });
    for (const event of ['synced', 'unsyncedChanges', 'close']) provider.on(event, changed);
  }

  get isConnected(): boolean {
    return this.#provider.configuration.websocketProvider.status === WebSocketStatus.Connected;
  }

  /** Whether edits are taken, as far as it is known. */
  get mayWrite(): boolean {
    return this.#refusal === undefined && this.#provider.authorizedScope !== 'readonly';
  }

  get facts(): Facts {
    const { configuration, authorizedScope, synced, unsyncedChanges } = this.#provider;
    return {
      'websocketProvider.configuration.url': configuration.websocketProvider.configuration.url,
      'provider.authorizedScope': authorizedScope,
      'provider.synced': synced,
      'provider.unsyncedChanges': unsyncedChanges,
    };
  }

  get line(): Line {
    const { synced, unsyncedChanges } = this.#provider;
    if (this.#refusal !== undefined) {
      return { is: 'refused', text: `The server has refused: ${this.#refusal}` };
    }
    if (!this.isConnected && this.#hasConnected) {
      return { is: 'offline', text: offline(unsyncedChanges), retry: 'Try now' };
    }
    if (!this.isConnected) return { is: 'connecting', text: 'Connecting' };
    if (!synced) return { is: 'loading', text: 'Loading' };
    if (!this.mayWrite) return { is: 'reading', text: 'Read only: you may not change this document.' };
    if (unsyncedChanges > 0) return { is: 'saving', text: 'Saving' };
    return { is: 'saved', text: 'All changes acknowledged' };
  }
}

function offline(changes: number): string {
  if (changes === 0) return 'Offline: all changes were acknowledged';
  return `Offline: ${changes === 1 ? '1 change' : `${changes} changes`} kept here`;
}
