/// <reference lib="esnext.disposable" preserve="true" />
// What an application holds in its hands: a client, which is one connection, and the documents that it opens, each of an engine.
import { documentName } from '@syncline/shared';
import type { ClientStatus } from './client-status.ts';
import { type AnyOpenOptions, Documents, type Engines } from './documents.ts';
import { Keeper } from './local/keeper.ts';
import type { LocalStore } from './local/store.ts';
import type { TabMember } from './local/tabs.ts';
import { LostConnection, type LostConnectionOptions } from './lost-connection.ts';
import { Connection, type ConnectionOptions } from './sync/connection.ts';
import type { Token } from './sync/credentials.ts';
import { connectingBy, type Platform } from './sync/platform.ts';
import { promised, tell, tellAll } from './tell.ts';
import { webPlatform } from './web/platform.ts';

export interface AnyClientOptions extends ConnectionOptions {
  /** Where documents are kept on this device, such as `indexedDb()` of `@syncline/client/indexeddb`; in memory alone without one. */
  readonly store?: LocalStore | undefined;
  /** Has whoever closes the page asked first, while something that was typed is neither on a server nor on this device. */
  readonly preventUnsavedChanges?: boolean | undefined;
}

export interface CloseOptions {
  /** How long to wait for what no server has acknowledged, while there is a connection; 0 not at all. */
  readonly savedWithinMs?: number | undefined;
}

/** A store that has not answered by then does not keep an app from ending. */
const maxLoadMs = 5_000;

/** Connects when the first document is opened, or at once where documents that are kept on this device have not been sent. */
export function clientOf<Open>(
  options: AnyClientOptions,
  engines: Engines<unknown>,
  platform: Platform,
): Client<Open> {
  // What can never succeed would be tried for ever.
  const urls: readonly unknown[] = [options.url].flat();
  if (urls.length === 0 || !urls.every(isSocketUrl)) {
    throw new TypeError(
      `the url of a client is like ws://127.0.0.1:7070/sync, and not ${String(options.url)}`,
    );
  }
  if (platform === webPlatform && !('WebSocket' in globalThis)) {
    throw new Error(
      'there is no WebSocket here: use Node 22 or later, or set globalThis.WebSocket to that of the package ws',
    );
  }
  return new Client(options, engines, platform);
}

function isSocketUrl(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && /^wss?:$/.test(new URL(url).protocol);
}

export class Client<Open> implements AsyncDisposable {
  /**
   * Opens a document. Opened twice it is one document, and closed when both have closed it. Throws a SyncError
   * `bad_document_name`, or `wrong_engine` where it is open here as a document of another, and an Error when the client was closed, has
   * no such engine, or has the document open with another `doc` or `presence`.
   */
  readonly open: Open;
  readonly #connection: Connection;
  readonly #keeper: Keeper | undefined;
  readonly #tab: TabMember | undefined;
  readonly #documents: Documents;
  readonly #listeners = new Set<(status: ClientStatus) => void>();
  readonly #platform: Platform;
  readonly #holdsPage: boolean;
  #letGoOfPage: (() => void) | undefined;
  readonly #endHiding: (() => void) | undefined;
  #status: ClientStatus | undefined;
  #cancelTelling: (() => void) | undefined;

  constructor(options: AnyClientOptions, engines: Engines<unknown>, platform: Platform) {
    const { store, preventUnsavedChanges = false } = options;
    this.#platform = platform;
    this.#holdsPage = preventUnsavedChanges;
    const changed = (): void => this.#changed();
    this.#keeper = store && new Keeper(store, platform, { changed, recovered: () => this.#sendKept() });
    this.#tab = store?.tabs?.join(platform, {
      roleChanged: () => this.#roleChanged(),
      edited: (edit, tab) => this.#documents.named(edit.document)?.heardFrom(tab, edit),
      left: (tab) => {
        for (const document of this.#documents.all) document.leftBy(tab);
        // Also in documents that nobody has open here.
        this.#sendKept();
      },
      returned: () => {
        for (const { local } of this.#documents.all) local?.catchUp();
      },
    });
    const tab = this.#tab;
    const linked = tab ? connectingBy(platform, (url, listener) => tab.connect(url, listener)) : platform;
    const connection = (this.#connection = new Connection(options, linked, () => {
      this.#documents.connectionChanged();
      changed();
    }));
    this.#documents = new Documents(engines, { connection, keeper: this.#keeper, tab, changed });
    // What is written with what comes soon may have no soon.
    this.#endHiding = platform.onHide?.(() => void this.#keeper?.flush());
    // Each engine says by its type what goes in and what comes out.
    this.open = ((name: string, opening: AnyOpenOptions = {}) => this.#documents.take(name, opening)) as Open;
    // Else the tab that leads does so.
    if (!tab) this.#sendKept();
  }

  /** How everything stands; the same object until something changes. */
  get status(): ClientStatus {
    const documents = this.#documents.all;
    // What was typed in this turn counts.
    for (const { content } of documents) content.flush();
    if (documents.some(({ content }) => content.isChanging)) return this.#statusNow();
    return (this.#status ??= this.#statusNow());
  }

  /** Calls `listener` after every change of `status`, once for what changes in one turn. Gives what ends that. */
  onStatus(listener: (status: ClientStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `listener` with true when there has been no connection for a while, and with false when there is one again. */
  onLostConnection(listener: (isLost: boolean) => void, options: LostConnectionOptions = {}): () => void {
    const lost = new LostConnection(this.#platform, options, (isLost) =>
      tell(() => listener(isLost), this.#platform),
    );
    const heard = ({ connection: { state } }: ClientStatus): void => {
      // Nobody has asked for one yet, or wants one any more.
      if (state === 'initial' || state === 'closed') lost.end();
      else lost.heard(state === 'connected');
    };
    heard(this.status);
    const end = this.onStatus(heard);
    return () => {
      end();
      lost.end();
    };
  }

  /** Tries again at once: while it waits to, or after a rejection whose cause has been mended. */
  retry(): void {
    this.#connection.retry();
  }

  /**
   * Goes on with this token, or function that gives one; without one the function that there is is asked again: after `needs-token`, or to
   * have what the token grants looked at anew. It has to be of the same principal while there is a connection.
   */
  login(token?: Token): void {
    this.#connection.login(token);
  }

  /**
   * Removes what is kept of a document on this device; the server's is not touched. Rejects with an Error while the document is open
   * here, and with a LocalStoreError where the store does not answer.
   */
  forget(name: string): Promise<void> {
    return promised(this.#forget(name));
  }

  async #forget(name: string): Promise<void> {
    if (this.#documents.named(documentName(name)))
      throw new Error(`${name} is open, or not saved yet: it would be kept again`);
    await this.#keeper?.forget(name);
  }

  /**
   * Closes all documents and the connection. What no server has acknowledged is waited for, not longer than 5 s unless
   * `savedWithinMs` says so, and not at all without a connection; what is lost then is reported to the console. Await
   * `saved` first where that is not enough.
   */
  async close({ savedWithinMs = 5_000 }: CloseOptions = {}): Promise<void> {
    this.#documents.close();
    const documents = this.#documents.all;
    if (this.#mayBeSaved)
      await this.#within(savedWithinMs, Promise.all(documents.map((each) => each.settled())));
    // What has been typed is added to what is kept when that has been read.
    await this.#within(maxLoadMs, Promise.all(documents.map((each) => each.loaded())));
    const unsaved = documents.filter(({ status }) => !status.uploads.isSaved);
    for (const document of documents) document.close();
    // Which tells them that there is no connection any more.
    await this.#connection.close();
    await this.#keeper?.close();
    this.#endHiding?.();
    this.#tab?.leave();
    if (this.#cancelTelling) this.#tellStatus();
    const lost = unsaved
      .filter(({ status: { local } }) => local.state !== 'kept' || !local.isWritten)
      .map(({ name }) => name);
    if (lost.length > 0) {
      this.#platform.report(new Error(`closed with what no server has acknowledged, in: ${lost.join(', ')}`));
    }
  }

  get #mayBeSaved(): boolean {
    const { state } = this.#connection.state;
    return state === 'connecting' || state === 'greeting' || state === 'connected';
  }

  async #within(milliseconds: number, work: Promise<unknown>): Promise<void> {
    let cancel = (): void => {};
    await Promise.race([
      work,
      new Promise<void>((resolve) => (cancel = this.#platform.after(milliseconds, resolve))),
    ]);
    cancel();
  }

  #statusNow(): ClientStatus {
    return {
      connection: this.#connection.state,
      ...this.#documents.status,
      durability: this.#keeper?.durability ?? { state: 'memory' },
      role: this.#tab?.role ?? 'solo',
    };
  }

  #changed(): void {
    this.#status = undefined;
    if (this.#listeners.size === 0 && !this.#holdsPage) return;
    this.#cancelTelling ??= this.#platform.after(0, () => this.#tellStatus());
  }

  #tellStatus(): void {
    this.#cancelTelling?.();
    this.#cancelTelling = undefined;
    if (this.#holdsPage) this.#holdPage();
    tellAll(this.#listeners, this.#platform, this.status);
  }

  /** Only while something could be lost: a page that asks cannot be kept in memory by the browser for the way back. */
  #holdPage(): void {
    const { connection, uploads } = this.status;
    const isRisky = !uploads.isSaved && !uploads.isKept && connection.state !== 'closed';
    if (isRisky) this.#letGoOfPage ??= this.#platform.holdPage?.();
    else {
      this.#letGoOfPage?.();
      this.#letGoOfPage = undefined;
    }
  }

  #roleChanged(): void {
    this.#changed();
    this.#connection.retry();
    if (this.#tab?.role !== 'follower') this.#sendKept();
  }

  #sendKept(): void {
    void this.#documents.sendKept();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
