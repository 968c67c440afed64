/// <reference lib="esnext.disposable" preserve="true" />
// What an application holds in its hands: a client, which is one connection, and the documents that it opens, each of an engine.
import { documentName, SyncError } from '@syncline/shared';
import { allOf, type ClientStatus } from './client-status.ts';
import type { Engine, Given } from './engine.ts';
import { randomName } from './ephemeral/session.ts';
import { Keeper } from './local/keeper.ts';
import type { LocalStore } from './local/store.ts';
import type { TabMember } from './local/tabs.ts';
import { LostConnection, type LostConnectionOptions } from './lost-connection.ts';
import { SharedDocument, type Surroundings } from './shared-document.ts';
import { Connection, type ConnectionOptions } from './sync/connection.ts';
import { isRefused } from './sync/connection-state.ts';
import type { Token } from './sync/credentials.ts';
import { connectingBy, type Platform } from './sync/platform.ts';
import { tell, tellAll } from './tell.ts';
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

/** What of the options of `open` every engine has. */
interface AnyOpenOptions extends Given {
  readonly engine?: string | undefined;
}

/** The first engine is that of documents that are opened without naming one. */
export type Engines<Open> = readonly [Engine<Open>, ...Engine<unknown>[]];

/** Connects when the first document is opened, or at once where documents that are kept on this device have not been sent. */
export function clientOf<Open>(
  options: AnyClientOptions,
  engines: Engines<unknown>,
  platform: Platform,
): Client<Open> {
  // What can never succeed would be tried for ever.
  const urls: readonly unknown[] = Array.isArray(options.url) ? options.url : [options.url];
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
  readonly #engines: Engines<unknown>;
  readonly #keeper: Keeper | undefined;
  readonly #tab: TabMember | undefined;
  readonly #surroundings: Surroundings;
  readonly #documents = new Map<string, SharedDocument>();
  /** Nobody has them open, and they are not saved yet. */
  readonly #leaving = new Set<SharedDocument>();
  /** Of documents that were open: by name, of which incarnation what is in them is. */
  readonly #incarnations = new WeakMap<object, Map<string, number>>();
  readonly #listeners = new Set<(status: ClientStatus) => void>();
  readonly #platform: Platform;
  /** Names this client to all who have a document open. */
  readonly #sender: string;
  readonly #holdsPage: boolean;
  #letGoOfPage: (() => void) | undefined;
  readonly #endHiding: (() => void) | undefined;
  #status: ClientStatus | undefined;
  #cancelTelling: (() => void) | undefined;
  #nextChannel = 1;
  #isClosing = false;
  /** Called with the next change of the connection. */
  readonly #waiting: (() => void)[] = [];

  constructor(options: AnyClientOptions, engines: Engines<unknown>, platform: Platform) {
    const { store, preventUnsavedChanges = false } = options;
    this.#engines = engines;
    this.#platform = platform;
    this.#holdsPage = preventUnsavedChanges;
    this.#sender = randomName(platform);
    const changed = (): void => this.#changed();
    this.#keeper = store && new Keeper(store, platform, { changed, recovered: () => void this.#sendKept() });
    this.#tab = store?.tabs?.join(platform, {
      roleChanged: () => this.#roleChanged(),
      edited: (edit, tab) => this.#named(edit.document)?.heardFrom(tab, edit),
      left: (tab) => {
        for (const document of this.#all) document.leftBy(tab);
        // Also in documents that nobody has open here.
        void this.#sendKept();
      },
    });
    const tab = this.#tab;
    const linked = tab ? connectingBy(platform, (url, listener) => tab.connect(url, listener)) : platform;
    const connection = (this.#connection = new Connection(options, linked, () => {
      for (const document of this.#all) document.changed();
      for (const heard of this.#waiting.splice(0)) heard();
      changed();
    }));
    this.#surroundings = { connection, keeper: this.#keeper, tab, changed };
    // What is written with what comes soon may have no soon.
    this.#endHiding = platform.onHide?.(() => void this.#keeper?.flush());
    // Each engine says by its type what goes in and what comes out.
    this.open = ((name: string, opening: AnyOpenOptions = {}) => this.#openOne(name, opening)) as Open;
    // Else the tab that leads does so.
    if (!tab) void this.#sendKept();
  }

  /** How everything stands; the same object until something changes. */
  get status(): ClientStatus {
    const documents = this.#all;
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
  async forget(name: string): Promise<void> {
    if (this.#named(documentName(name)))
      throw new Error(`${name} is open, or not saved yet: it would be kept again`);
    await this.#keeper?.forget(name);
  }

  /**
   * Closes all documents and the connection. What no server has acknowledged is waited for, not longer than 5 s unless
   * `savedWithinMs` says so, and not at all without a connection; what is lost then is reported to the console. Await
   * `saved` first where that is not enough.
   */
  async close({ savedWithinMs = 5_000 }: CloseOptions = {}): Promise<void> {
    this.#isClosing = true;
    const documents = this.#all;
    if (this.#mayBeSaved)
      await this.#within(savedWithinMs, Promise.all(documents.map((each) => each.settled())));
    // What has been typed is added to what is kept when that has been read.
    await this.#within(maxLoadMs, Promise.all(documents.map((each) => each.loaded())));
    const unsaved = documents.filter(({ status }) => !status.uploads.isSaved);
    for (const document of documents) document.close();
    // Which tells them that there is no connection any more.
    const closed = this.#connection.close();
    this.#documents.clear();
    this.#leaving.clear();
    await closed;
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

  #openOne(name: string, { engine: named, ...given }: AnyOpenOptions): Disposable {
    if (this.#isClosing) throw new Error('the client was closed');
    const engine = this.#engine(named);
    const shared = this.#documents.get(documentName(name)) ?? this.#stay(name, engine, given);
    if (shared) {
      const { content, presence } = shared.held;
      if (content.engine !== engine.name)
        throw new SyncError('wrong_engine', `${name} is open here as a document of ${content.engine}`);
      if (!shared.held.isOf(given)) throw new Error(`${name} is open with another doc`);
      if (given.presence !== undefined && given.presence !== presence)
        throw new Error(`${name} is open with another presence`);
    }
    const opened = shared ?? this.#begin(name, engine, given);
    this.#documents.set(name, opened);
    opened.users++;
    const release = (): void => {
      if (--opened.users === 0) void this.#leave(opened);
    };
    return opened.held.opened({ shared: opened, platform: this.#platform, release });
  }

  get #all(): SharedDocument[] {
    return [...this.#documents.values(), ...this.#leaving];
  }

  #named(name: string): SharedDocument | undefined {
    return this.#documents.get(name) ?? [...this.#leaving].find((document) => document.name === name);
  }

  #statusNow(): ClientStatus {
    const statuses = (documents: Iterable<SharedDocument>) => Array.from(documents, ({ status }) => status);
    return {
      connection: this.#connection.state,
      ...allOf(statuses(this.#documents.values()), statuses(this.#leaving)),
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
    const { uploads } = this.status;
    const isRisky = !uploads.isSaved && !uploads.isKept;
    if (isRisky) this.#letGoOfPage ??= this.#platform.holdPage?.();
    else {
      this.#letGoOfPage?.();
      this.#letGoOfPage = undefined;
    }
  }

  #roleChanged(): void {
    this.#changed();
    this.#connection.retry();
    if (this.#tab?.role !== 'follower') void this.#sendKept();
  }

  /** What was typed before this page was loaded, and sent to no server, in documents that nobody has to open for that. */
  async #sendKept(): Promise<void> {
    for (const { document: name, engine: named } of (await this.#keeper?.unsaved()) ?? []) {
      const engine = this.#engines.find((each) => each.name === named);
      if (!engine || this.#named(name) || this.#isClosing) continue;
      void this.#leave(this.#begin(name, engine, {}));
    }
  }

  #engine(name: string | undefined): Engine<unknown> {
    const engine = name === undefined ? this.#engines[0] : this.#engines.find((each) => each.name === name);
    if (engine) return engine;
    throw new Error(
      `the client was created without the engine ${name}: give it to createClient in \`engines\``,
    );
  }

  #begin(name: string, engine: Engine<unknown>, given: Given): SharedDocument {
    const held = engine.hold(given, this.#platform);
    const incarnation = (given.doc && this.#incarnations.get(given.doc)?.get(name)) ?? 0;
    const about = { name, channel: this.#nextChannel++, sender: this.#sender, incarnation };
    return new SharedDocument(about, held, this.#surroundings);
  }

  /** What is not acknowledged is still sent. Somebody may open the document again meanwhile. */
  async #leave(document: SharedDocument): Promise<void> {
    this.#documents.delete(document.name);
    this.#leaving.add(document);
    document.leave();
    const departure = ++document.departures;
    if (document.status.local.state === 'loading') await document.loaded();
    while (!document.status.uploads.isSaved) {
      await document.settled();
      // Without a token that the server accepts nothing is lost for good.
      if (!isRefused(this.#connection.state) || document.status.uploads.isSaved) break;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (document.users > 0 || document.departures > departure) return;
    this.#leaving.delete(document);
    document.close();
    this.#remember(document);
  }

  /** Who opens it again with what is in it must not bring back what was deleted meanwhile. */
  #remember({ name, held: { doc }, content: { incarnation } }: SharedDocument): void {
    const incarnations = this.#incarnations.get(doc) ?? new Map<string, number>();
    this.#incarnations.set(doc, incarnations.set(name, incarnation));
  }

  /** A document that is leaving, and is wanted again. */
  #stay(name: string, engine: Engine<unknown>, given: Given): SharedDocument | undefined {
    for (const document of this.#leaving) {
      const { held } = document;
      if (document.name !== name || held.content.engine !== engine.name) continue;
      if (!held.isOf(given)) continue;
      this.#leaving.delete(document);
      document.enter(given);
      return document;
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
