// Stock automerge-repo clients, as an app would have them in Node, of every version that is supported.
import {
  type DocHandle,
  type PeerId,
  Repo,
  type RepoConfig,
  type StorageAdapterInterface,
  type StorageId,
  type StorageKey,
} from '@automerge/automerge-repo';
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket';
import { Repo as Repo26 } from 'automerge-repo-2.6';
import { WebSocketClientAdapter as WebSocketClientAdapter26 } from 'automerge-websocket-2.6';
import { until } from './until.ts';

// The versions have the shape that is used here.
export const stockRepos = {
  '2.5': { Repo, Adapter: WebSocketClientAdapter },
  '2.6-alpha': { Repo: Repo26, Adapter: WebSocketClientAdapter26 } as unknown as {
    Repo: typeof Repo;
    Adapter: typeof WebSocketClientAdapter;
  },
} as const;
export type RepoVersion = keyof typeof stockRepos;

/** What the documents of tests are. */
export type Notes = {
  text?: string;
  items?: { [key: string]: number };
  pages?: Uint8Array[];
};

/** The disk of a client that is only made up. */
export class MemoryStorage implements StorageAdapterInterface {
  readonly #kept = new Map<string, { readonly key: StorageKey; readonly data: Uint8Array }>();

  async load(key: StorageKey): Promise<Uint8Array | undefined> {
    return this.#kept.get(JSON.stringify(key))?.data;
  }

  async save(key: StorageKey, data: Uint8Array): Promise<void> {
    this.#kept.set(JSON.stringify(key), { key, data });
  }

  async remove(key: StorageKey): Promise<void> {
    this.#kept.delete(JSON.stringify(key));
  }

  async loadRange(prefix: StorageKey): Promise<{ key: StorageKey; data: Uint8Array }[]> {
    return [...this.#kept.values()].filter(({ key }) => prefix.every((part, at) => part === key[at]));
  }

  async removeRange(prefix: StorageKey): Promise<void> {
    for (const { key } of await this.loadRange(prefix)) await this.remove(key);
  }
}

/** How long a client waits before it connects again. */
const retryMs = 100;

export interface RepoClientSettings {
  /** As `ServerProcess.automerge` gives it. */
  readonly url: string;
  readonly version?: RepoVersion;
  readonly peerId?: string;
  readonly token?: string;
  /** What the client keeps on its disk, if it has one. */
  readonly storage?: StorageAdapterInterface;
}

export class RepoClient implements Disposable {
  readonly repo: Repo;
  readonly adapter: WebSocketClientAdapter;
  readonly #version: RepoVersion;
  #isDisconnected = false;

  constructor({ url, version = '2.5', peerId, token, storage }: RepoClientSettings) {
    const stock = stockRepos[version];
    this.#version = version;
    this.adapter = new stock.Adapter(token === undefined ? url : `${url}?token=${token}`, retryMs);
    const config: RepoConfig = { network: [this.adapter], saveDebounceRate: 1 };
    if (peerId !== undefined) config.peerId = peerId as PeerId;
    if (storage) config.storage = storage;
    this.repo = new stock.Repo(config);
  }

  get version(): RepoVersion {
    return this.#version;
  }

  async connected(): Promise<this> {
    await until('the client is connected', () => this.repo.peers.length > 0);
    return this;
  }

  create(notes: Notes = {}): DocHandle<Notes> {
    return this.repo.create<Notes>(notes);
  }

  /** Waits until the document is there. */
  async find(url: string): Promise<DocHandle<Notes>> {
    return await this.repo.find<Notes>(url as DocHandle<Notes>['url']);
  }

  /** What the server calls its disk. */
  get serverStorageId(): StorageId | undefined {
    const [peer] = this.repo.peers;
    return peer && this.repo.getStorageIdOfPeer(peer);
  }

  /** Whether the client takes its document for safe on the server. */
  isSafe(handle: DocHandle<Notes>): boolean {
    const storageId = this.serverStorageId;
    const info = storageId && handle.getSyncInfo(storageId);
    return info !== undefined && JSON.stringify(info.lastHeads) === JSON.stringify(handle.heads());
  }

  disconnect(): void {
    this.#isDisconnected = true;
    this.adapter.disconnect();
  }

  reconnect(): void {
    this.#isDisconnected = false;
    this.adapter.connect(this.repo.networkSubsystem.peerId, {});
  }

  [Symbol.dispose](): void {
    if (!this.#isDisconnected) this.adapter.disconnect();
  }
}
