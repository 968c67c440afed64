/// <reference lib="esnext.disposable" preserve="true" />
// What an application holds in its hands: a client, which is one connection, and the documents that it opens.
import { documentName, type PresenceEntry } from '@syncline/shared';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { type DocumentStatus, statusOf } from './status.ts';
import { Connection, type ConnectionOptions } from './sync/connection.ts';
import type { ConnectionState } from './sync/connection-state.ts';
import type { Platform } from './sync/platform.ts';
import { type SavedOptions, SyncedContent } from './sync/synced-content.ts';
import { webPlatform } from './web/platform.ts';
import { yjsContent } from './yjs/content.ts';
import { bindAwareness } from './yjs/presence.ts';

export interface CloseOptions {
  /** How long to wait for what no server has acknowledged, while there is a connection; 0 not at all. */
  readonly savedWithinMs?: number | undefined;
}

export interface OpenOptions {
  /** A document that exists already; what is in it is sent if the server lacks it. */
  readonly doc?: Y.Doc | undefined;
}

/** Connects when the first document is opened. `platform` is there for simulations and for places that are neither browser nor Node. */
export function createClient(options: ConnectionOptions, platform: Platform = webPlatform): Client {
  // What can never succeed would be tried for ever.
  if (!isSocketUrl(options.url)) {
    throw new TypeError(`the url of a client is like ws://127.0.0.1:7070/sync, and not ${options.url}`);
  }
  if (platform === webPlatform && !('WebSocket' in globalThis)) {
    throw new Error(
      'there is no WebSocket here: use Node 22 or later, or set globalThis.WebSocket to that of the package ws',
    );
  }
  return new Client(options, platform);
}

function isSocketUrl(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && /^wss?:$/.test(new URL(url).protocol);
}

export class Client implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #open = new Map<string, SharedDocument>();
  /** Closed by all who had opened them, and not saved yet. */
  readonly #leaving = new Set<SharedDocument>();
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  readonly #platform: Platform;
  #nextChannel = 1;

  constructor(options: ConnectionOptions, platform: Platform) {
    this.#platform = platform;
    this.#connection = new Connection(options, platform, () => {
      for (const document of this.#open.values()) document.changed();
      tellAll(this.#listeners, this.connection, platform);
    });
  }

  /** Whether there is a server to talk to. */
  get connection(): ConnectionState {
    return this.#connection.state;
  }

  /** Calls `listener` after every change of `connection`. Gives what ends that. */
  onConnection(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Opens a document. Opened twice it is one document, and closed when both have closed it. Throws a SyncError
   * `bad_document_name`, and an Error when the client was closed or the document is open with another Y.Doc.
   */
  open(name: string, { doc }: OpenOptions = {}): SyncedDocument {
    if (this.connection.state === 'closed') throw new Error('the client was closed');
    const shared = this.#open.get(documentName(name)) ?? this.#stay(name, doc);
    if (shared && doc && shared.doc !== doc) throw new Error(`${name} is open with another Y.Doc`);
    const opened =
      shared ?? new SharedDocument(name, this.#nextChannel++, doc ?? new Y.Doc(), this.#connection);
    this.#open.set(name, opened);
    opened.users++;
    return new SyncedDocument(opened, this.#platform, () => {
      if (--opened.users === 0) void this.#leave(opened);
    });
  }

  /** Tries again at once: while it waits to, or after a rejection whose cause has been mended. */
  retry(): void {
    this.#connection.retry();
  }

  /**
   * Closes all documents and the connection. What no server has acknowledged is waited for, not longer than 5 s unless
   * `savedWithinMs` says so, and not at all without a connection; what is lost then is reported to the console. Await
   * `saved` first where that is not enough.
   */
  async close({ savedWithinMs = 5_000 }: CloseOptions = {}): Promise<void> {
    const documents = [...this.#open.values(), ...this.#leaving];
    if (this.#mayBeSaved)
      await this.#within(savedWithinMs, Promise.all(documents.map((each) => each.settled())));
    const lost = documents.filter(({ status }) => !status.uploads.isSaved).map(({ name }) => name);
    for (const document of documents) document.close();
    this.#open.clear();
    this.#leaving.clear();
    await this.#connection.close();
    if (lost.length > 0) {
      this.#platform.report(new Error(`closed with what no server has acknowledged, in: ${lost.join(', ')}`));
    }
  }

  get #mayBeSaved(): boolean {
    const { state } = this.connection;
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

  /** What is not acknowledged is still sent. Somebody may open the document again meanwhile. */
  async #leave(document: SharedDocument): Promise<void> {
    this.#open.delete(document.name);
    this.#leaving.add(document);
    document.leave();
    if (!document.status.uploads.isSaved) await document.settled();
    if (document.users > 0) return;
    this.#leaving.delete(document);
    document.close();
  }

  /** A document that is leaving, and is wanted again. */
  #stay(name: string, doc: Y.Doc | undefined): SharedDocument | undefined {
    for (const document of this.#leaving) {
      if (document.name !== name || (doc && document.doc !== doc)) continue;
      this.#leaving.delete(document);
      document.enter();
      return document;
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** An open document, for one of those who have opened it. */
export class SyncedDocument implements Disposable {
  readonly name: string;
  readonly doc: Y.Doc;
  /** Who is here and where their cursors are: for `setLocalStateField`, and for editor bindings. */
  readonly presence: Awareness;
  readonly #shared: SharedDocument;
  readonly #platform: Platform;
  readonly #release: () => void;
  readonly #ends = new Set<() => void>();
  #isClosed = false;

  constructor(shared: SharedDocument, platform: Platform, release: () => void) {
    this.name = shared.name;
    this.doc = shared.doc;
    this.presence = shared.presence;
    this.#shared = shared;
    this.#platform = platform;
    this.#release = release;
  }

  get status(): DocumentStatus {
    return this.#shared.status;
  }

  /** Calls `listener` after every change of `status`. Gives what ends that. */
  onStatus(listener: (status: DocumentStatus) => void): () => void {
    const end = this.#shared.onChange(() => tellAll([listener], this.status, this.#platform));
    this.#ends.add(end);
    return () => {
      end();
      this.#ends.delete(end);
    };
  }

  /**
   * Resolves when everything that the server has of the document is here, however long that takes. Rejects with a SyncError
   * when the server refuses the document, or the connection, for good, and with an Error when it is closed before.
   */
  async synced(): Promise<void> {
    await this.#shared.content.synced();
  }

  /**
   * Resolves when everything that is in the document now is on the disk of a server, at once if nothing is; or, with
   * `{ tier: { replicas: 2 } }`, on those of so many replicas, however long some of them are away. Rejects with a
   * SyncError when the server refuses the document, or the connection, for good, and with an Error when it is closed before.
   */
  async saved(options: SavedOptions = { tier: 'stored' }): Promise<void> {
    await this.#shared.content.saved(options);
  }

  /** Opens it again after the server refused it, when the application has mended the cause. */
  retry(): void {
    this.#shared.content.retry();
  }

  /** The Y.Doc stays as it is, and is no longer synchronised once what was typed in it is saved. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const end of this.#ends) end();
    this.#release();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** A document on the connection, however often it has been opened. */
class SharedDocument {
  readonly name: string;
  readonly doc: Y.Doc;
  readonly presence: Awareness;
  readonly content: SyncedContent;
  users = 0;
  readonly #connection: Connection;
  readonly #listeners = new Set<() => void>();
  readonly #endPresence: () => void;
  #isClosed = false;

  constructor(name: string, channel: number, doc: Y.Doc, connection: Connection) {
    this.name = name;
    this.doc = doc;
    this.#connection = connection;
    this.presence = new Awareness(doc);
    let heard: (entries: readonly PresenceEntry[]) => void = () => {};
    let lost = (): void => {};
    this.content = new SyncedContent({ channel, document: name, content: yjsContent(doc) }, connection, {
      changed: () => this.changed(),
      presence: (entries) => heard(entries),
      presenceLost: () => lost(),
    });
    const bound = bindAwareness(this.presence, (entries) => this.content.sayPresence(entries));
    heard = (entries) => bound.heard(entries);
    lost = () => bound.forgetOthers();
    this.#endPresence = () => bound.end();
    connection.add(this.content);
  }

  get status(): DocumentStatus {
    const { state, isChanging, awaited } = this.content;
    return statusOf(this.#connection.state, state, { isChanging, awaited });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Resolves when everything in it is acknowledged, or will never be. */
  async settled(): Promise<void> {
    await this.content.saved({ tier: 'stored' }).catch(() => undefined);
  }

  /** Nobody has it open any more. */
  leave(): void {
    this.#present(null);
  }

  enter(): void {
    this.#present({});
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.remove(this.content);
    this.#tell(() => this.#endPresence());
  }

  #present(state: Record<string, unknown> | null): void {
    this.#tell(() => this.presence.setLocalState(state));
  }

  /** The application's own listeners run in it. */
  #tell(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#connection.platform.report(error);
    }
  }
}

function tellAll<Value>(listeners: Iterable<(value: Value) => void>, value: Value, platform: Platform): void {
  for (const listener of listeners) {
    try {
      listener(value);
    } catch (error) {
      platform.report(error);
    }
  }
}
