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

export interface OpenOptions {
  /** A document that exists already; what is in it is sent if the server lacks it. */
  readonly doc?: Y.Doc;
}

/** Connects when the first document is opened. `platform` is there for simulations and for places that are neither browser nor Node. */
export function createClient(options: ConnectionOptions, platform: Platform = webPlatform): Client {
  // A URL that no socket can be opened for would be tried for ever.
  if (!/^wss?:\/\//.test(options.url)) throw new TypeError('the url of a client begins with ws:// or wss://');
  return new Client(options, platform);
}

export class Client implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #open = new Map<string, SharedDocument>();
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
    let shared = this.#open.get(documentName(name));
    if (shared && doc && shared.doc !== doc) throw new Error(`${name} is open with another Y.Doc`);
    if (!shared) {
      shared = new SharedDocument(name, this.#nextChannel++, doc ?? new Y.Doc(), this.#connection);
      this.#open.set(name, shared);
    }
    const opened = shared;
    opened.users++;
    return new SyncedDocument(opened, this.#platform, () => {
      if (--opened.users > 0) return;
      this.#open.delete(name);
      opened.close();
    });
  }

  /** Tries again at once: while it waits to, or after a rejection whose cause has been mended. */
  retry(): void {
    this.#connection.retry();
  }

  /** Closes all documents and the connection. What is not acknowledged may be lost: await `saved` first where that matters. */
  async close(): Promise<void> {
    for (const document of this.#open.values()) document.close();
    this.#open.clear();
    await this.#connection.close();
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
   * Resolves when everything that the server has of the document is here. Rejects with a SyncError when the server refuses
   * the document for good, and with an Error when it is closed before.
   */
  async synced(): Promise<void> {
    await this.#shared.content.synced();
  }

  /**
   * Resolves when everything that is in the document now is on the disk of a server. Rejects with a SyncError when the
   * server refuses the document for good, and with an Error when it is closed before.
   */
  async saved(options: SavedOptions = { tier: 'stored' }): Promise<void> {
    await this.#shared.content.saved(options);
  }

  /** Opens it again after the server refused it, when the application has mended the cause. */
  retry(): void {
    this.#shared.content.retry();
  }

  /** The Y.Doc stays as it is, and is no longer synchronised. */
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

  constructor(name: string, channel: number, doc: Y.Doc, connection: Connection) {
    this.name = name;
    this.doc = doc;
    this.#connection = connection;
    this.presence = new Awareness(doc);
    let heard: (entries: readonly PresenceEntry[]) => void = () => {};
    this.content = new SyncedContent({ channel, document: name, content: yjsContent(doc) }, connection, {
      changed: () => this.changed(),
      presence: (entries) => heard(entries),
    });
    const bound = bindAwareness(this.presence, (entries) => this.content.sayPresence(entries));
    heard = (entries) => bound.heard(entries);
    this.#endPresence = () => bound.end();
    connection.add(this.content);
  }

  get status(): DocumentStatus {
    return statusOf(this.#connection.state, this.content.state, this.content.isChanging);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    this.#connection.remove(this.content);
    try {
      this.#endPresence();
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
