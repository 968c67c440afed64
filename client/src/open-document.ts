// An open document, for one of those who have opened it: what documents of every engine have in common.
import type { Ephemeral } from './ephemeral/session.ts';
import type { LocalDocument } from './local/local-document.ts';
import type { DocumentStatus } from './status.ts';
import type { Platform } from './sync/platform.ts';
import type { ServerTier, SyncedContent } from './sync/synced-content.ts';
import { promised, tellAll } from './tell.ts';

/** What one who has opened a document holds of it. */
export interface Opened {
  /** The same for all who have it open. */
  readonly shared: {
    readonly name: string;
    readonly status: DocumentStatus;
    readonly content: Pick<SyncedContent, 'synced' | 'saved' | 'retry'>;
    readonly local: Pick<LocalDocument, 'saved'> | undefined;
    loaded(): Promise<void>;
    readonly ephemeral: Ephemeral;
    onChange(listener: () => void): () => void;
    pause(who: object, isPaused: boolean): void;
  };
  readonly platform: Platform;
  /** Lets go of it. */
  release(): void;
}

/** What has to have what is in the document: this device, a server, or so many replicas of a cluster, that one among them. */
export interface SavedOptions {
  readonly tier: 'local' | ServerTier;
}

export class OpenDocument implements Disposable {
  readonly name: string;
  /** Messages to and from all others who have the document open at the moment; nothing of them is stored. */
  readonly ephemeral: Ephemeral;
  readonly #opened: Opened;
  readonly #ends = new Set<() => void>();
  #isClosed = false;

  constructor(opened: Opened) {
    const { name, ephemeral } = opened.shared;
    this.name = name;
    this.#opened = opened;
    this.ephemeral = {
      send: (value) => ephemeral.send(value),
      listen: (listener) => this.endedWith(ephemeral.listen(listener)),
    };
  }

  get status(): DocumentStatus {
    return this.#opened.shared.status;
  }

  /** Calls `listener` after every change of `status`. Gives what ends that. */
  onStatus(listener: (status: DocumentStatus) => void): () => void {
    const { shared, platform } = this.#opened;
    return this.endedWith(shared.onChange(() => tellAll([listener], platform, this.status)));
  }

  /**
   * Resolves when everything that the server has of the document is here, however long that takes. Rejects with a SyncError
   * when the server refuses the document, or the connection, for good, and with an Error when it is closed before.
   */
  synced(): Promise<void> {
    return promised(this.#opened.shared.content.synced());
  }

  /** Resolves when what is kept of it on this device is in it, at once without a store; also where that cannot be read. */
  loaded(): Promise<void> {
    return promised(this.#opened.shared.loaded());
  }

  /**
   * Resolves when everything that is in the document now is on the disk of a server, at once if nothing is; or, with
   * `{ tier: { replicas: 2 } }`, on those of so many replicas, however long some of them are away; or, with `{ tier: 'local' }`, kept
   * on this device. Rejects with a SyncError when the server refuses the document, or the connection, for good, with a LocalStoreError
   * when this device does not keep it, and with an Error when it is closed before, or there is no store.
   */
  saved(options: SavedOptions = { tier: 'stored' }): Promise<void> {
    return promised(this.#saved(options));
  }

  async #saved({ tier }: SavedOptions): Promise<void> {
    const { content, local } = this.#opened.shared;
    // What is kept on this device, and has not been read yet, is meant as well.
    if (this.status.local.state === 'loading') await this.loaded();
    if (tier !== 'local') return content.saved({ tier });
    if (!local) throw new Error('nothing is kept on this device: give createClient a `store`');
    await local.saved();
  }

  /** Opens it again after the server refused it, when the application has mended the cause. */
  retry(): void {
    this.#opened.shared.content.retry();
  }

  /** Goes on without a server, for whoever calls it: shown here, kept on this device and told to other tabs, as without a connection. */
  pause(): void {
    if (!this.#isClosed) this.#opened.shared.pause(this, true);
  }

  /** Goes on with a server after `pause`, which is sent what was typed meanwhile. */
  resume(): void {
    this.#opened.shared.pause(this, false);
  }

  /** The content stays as it is, and is no longer synchronised once what was typed in it is saved. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const end of this.#ends) end();
    this.#opened.release();
    // What it had typed is still sent, and of the others each wants what it wanted.
    this.resume();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Of something that is told until the document is closed: gives what ends that before. */
  protected endedWith(end: () => void): () => void {
    this.#ends.add(end);
    return () => {
      end();
      this.#ends.delete(end);
    };
  }
}
