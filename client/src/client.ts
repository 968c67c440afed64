/// <reference lib="esnext.disposable" preserve="true" />
// What an application holds in its hands: a client, which is one connection, and the documents that it opens, each of an engine.
import { documentName, SyncError } from '@syncline/shared';
import type { Engine } from './engine.ts';
import { randomName } from './ephemeral/session.ts';
import { SharedDocument } from './shared-document.ts';
import { Connection, type ConnectionOptions } from './sync/connection.ts';
import type { ConnectionState } from './sync/connection-state.ts';
import type { Platform } from './sync/platform.ts';
import { tellAll } from './tell.ts';
import { webPlatform } from './web/platform.ts';

export interface CloseOptions {
  /** How long to wait for what no server has acknowledged, while there is a connection; 0 not at all. */
  readonly savedWithinMs?: number | undefined;
}

/** What of the options of `open` every engine has. */
interface AnyOpenOptions {
  readonly engine?: string | undefined;
  readonly doc?: object | undefined;
}

/** The first engine is that of documents that are opened without naming one. */
export type Engines<Open> = readonly [Engine<Open>, ...Engine<unknown>[]];

/** Connects when the first document is opened. */
export function clientOf<Open>(
  options: ConnectionOptions,
  engines: Engines<unknown>,
  platform: Platform,
): Client<Open> {
  // What can never succeed would be tried for ever.
  if (!isSocketUrl(options.url)) {
    throw new TypeError(`the url of a client is like ws://127.0.0.1:7070/sync, and not ${options.url}`);
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
   * no such engine, or has the document open with another `doc`.
   */
  readonly open: Open;
  readonly #connection: Connection;
  readonly #engines: Engines<unknown>;
  readonly #documents = new Map<string, SharedDocument>();
  /** Closed by all who had opened them, and not saved yet. */
  readonly #leaving = new Set<SharedDocument>();
  /** Of documents that were open: by name, of which incarnation what is in them is. */
  readonly #incarnations = new WeakMap<object, Map<string, number>>();
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  readonly #platform: Platform;
  /** Names this client to all who have a document open. */
  readonly #sender: string;
  #nextChannel = 1;

  constructor(options: ConnectionOptions, engines: Engines<unknown>, platform: Platform) {
    this.#engines = engines;
    this.#platform = platform;
    this.#sender = randomName(platform);
    this.#connection = new Connection(options, platform, () => {
      for (const document of this.#documents.values()) document.changed();
      tellAll(this.#listeners, platform, this.connection);
    });
    // Each engine says by its type what goes in and what comes out.
    this.open = ((name: string, opening: AnyOpenOptions = {}) => this.#openOne(name, opening)) as Open;
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
    const documents = [...this.#documents.values(), ...this.#leaving];
    if (this.#mayBeSaved)
      await this.#within(savedWithinMs, Promise.all(documents.map((each) => each.settled())));
    const lost = documents.filter(({ status }) => !status.uploads.isSaved).map(({ name }) => name);
    for (const document of documents) document.close();
    this.#documents.clear();
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

  #openOne(name: string, { engine: named, doc }: AnyOpenOptions): Disposable {
    if (this.connection.state === 'closed') throw new Error('the client was closed');
    const engine = this.#engine(named);
    const shared = this.#documents.get(documentName(name)) ?? this.#stay(name, engine, doc);
    if (shared) {
      const { content } = shared.held;
      if (content.engine !== engine.name)
        throw new SyncError('wrong_engine', `${name} is open here as a document of ${content.engine}`);
      if (doc !== undefined && !shared.held.isOf(doc)) throw new Error(`${name} is open with another doc`);
    }
    const opened = shared ?? this.#begin(name, engine, doc);
    this.#documents.set(name, opened);
    opened.users++;
    const release = (): void => {
      if (--opened.users === 0) void this.#leave(opened);
    };
    return opened.held.opened({ shared: opened, platform: this.#platform, release });
  }

  #engine(name: string | undefined): Engine<unknown> {
    const engine = name === undefined ? this.#engines[0] : this.#engines.find((each) => each.name === name);
    if (engine) return engine;
    throw new Error(
      `the client was created without the engine ${name}: give it to createClient in \`engines\``,
    );
  }

  #begin(name: string, engine: Engine<unknown>, doc: object | undefined): SharedDocument {
    const held = engine.hold(doc, this.#platform);
    const incarnation = (doc && this.#incarnations.get(doc)?.get(name)) ?? 0;
    const about = { name, channel: this.#nextChannel++, sender: this.#sender, incarnation };
    return new SharedDocument(about, held, this.#connection);
  }

  /** What is not acknowledged is still sent. Somebody may open the document again meanwhile. */
  async #leave(document: SharedDocument): Promise<void> {
    this.#documents.delete(document.name);
    this.#leaving.add(document);
    document.leave();
    if (!document.status.uploads.isSaved) await document.settled();
    if (document.users > 0) return;
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
  #stay(name: string, engine: Engine<unknown>, doc: object | undefined): SharedDocument | undefined {
    for (const document of this.#leaving) {
      const { held } = document;
      if (document.name !== name || held.content.engine !== engine.name) continue;
      if (doc !== undefined && !held.isOf(doc)) continue;
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
