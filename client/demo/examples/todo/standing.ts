// What an automerge-repo client knows of how things stand.
import type { DocHandle, Repo, StorageId, UrlHeads } from '@automerge/automerge-repo/slim';
import type { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket';
import type { Line } from '../../../parts/status-line.ts';
import type { Facts } from '../frame.ts';
import { onComplaint } from './complaints.ts';

export class Standing {
  readonly #repo: Repo;
  readonly #mayWrite: boolean;
  readonly #changed: () => void;
  /** Undefined until the document has come. */
  #handle: DocHandle<unknown> | undefined;
  /** Under which the client keeps what it knows of the server that it is, or was, connected to. */
  #storage: StorageId | undefined;
  #hasConnected = false;
  /** Why there is nothing to show. */
  #refusal: string | undefined;
  /** What the server has complained of since it was last joined. */
  #complaint: string | undefined;

  /** Who may not write is not told so by the server. `changed` is called whenever something may be different. */
  constructor(repo: Repo, mayWrite: boolean, changed: () => void) {
    this.#repo = repo;
    this.#mayWrite = mayWrite;
    this.#changed = changed;
    onComplaint(this.#adapter, (reason) => {
      this.#complaint = reason;
      changed();
    });
    repo.networkSubsystem.on('peer', ({ peerMetadata }) => {
      this.#hasConnected = true;
      this.#complaint = undefined;
      this.#storage = peerMetadata.storageId;
      changed();
    });
    repo.networkSubsystem.on('peer-disconnected', changed);
  }

  watch(handle: DocHandle<unknown>): void {
    this.#handle = handle;
    handle.on('heads-changed', this.#changed);
    handle.on('remote-heads', this.#changed);
    this.#changed();
  }

  refuse(reason: string): void {
    this.#refusal = reason;
    this.#changed();
  }

  get isConnected(): boolean {
    return this.#repo.peers.length > 0;
  }

  get facts(): Facts {
    return {
      'adapter.url': this.#adapter.url.replace(/\?.*/s, ''),
      'repo.peers.length': this.#repo.peers.length,
      'handle.heads()': short(this.#handle?.heads()),
      'handle.getSyncInfo(…).lastHeads': short(this.#acknowledged),
    };
  }

  get line(): Line {
    if (this.#complaint !== undefined) {
      return { is: 'refused', text: `The server has refused: ${this.#complaint}`, retry: 'Retry' };
    }
    if (this.#refusal !== undefined) return { is: 'refused', text: this.#refusal, retry: 'Retry' };
    if (!this.isConnected && this.#hasConnected) {
      return {
        is: 'offline',
        text: this.#isAcknowledged
          ? 'Offline: all changes were acknowledged'
          : 'Offline: changes are kept here',
      };
    }
    if (!this.isConnected) return { is: 'connecting', text: 'Connecting' };
    if (!this.#handle) return { is: 'loading', text: 'Loading' };
    if (!this.#mayWrite) return { is: 'reading', text: 'Read only: you may not change this document.' };
    if (!this.#isAcknowledged) return { is: 'saving', text: 'Saving' };
    return { is: 'saved', text: 'All changes acknowledged' };
  }

  get #adapter(): WebSocketClientAdapter {
    return this.#repo.networkSubsystem.adapters[0] as WebSocketClientAdapter;
  }

  get #acknowledged(): UrlHeads | undefined {
    return this.#storage && this.#handle?.getSyncInfo(this.#storage)?.lastHeads;
  }

  /** Whether the server has said that it has all that is here. */
  get #isAcknowledged(): boolean {
    const theirs = new Set(this.#acknowledged);
    const own = this.#handle?.heads() ?? [];
    return own.length === theirs.size && own.every((head) => theirs.has(head));
  }
}

function short(heads: UrlHeads | undefined): string | undefined {
  return heads?.map((head) => head.slice(0, 8)).join(' ');
}
