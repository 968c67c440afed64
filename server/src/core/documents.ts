// The documents that somebody has open or that still have something to do: opened on demand, put to rest when idle.
import { type DocumentName, SyncError } from '@syncline/shared';
import type { Timer } from '../port/clock.ts';
import type { Engine } from '../port/engine.ts';
import { Channel, type ChannelContext } from './channel.ts';
import { Compactor } from './compactor.ts';
import type { CoreContext } from './context.ts';
import { type Commit, Commits } from './commits.ts';
import type { Ephemeral } from './ephemeral.ts';
import { Document, type DocumentContext, wrongEngine } from './document.ts';
import type { Held, Pressure } from './inbox.ts';
import {
  defaultMaxDocumentBytes,
  defaultMaxUpdateBytes,
  type DocumentLimits,
  idleMs,
  maxQueuedBytes,
  sweepMs,
} from './limits.ts';
import type { OwnedPresence } from './presence.ts';
import { type Copy, restoreDocument, type Restored } from './restoration.ts';
import type { Speaker } from './speaker.ts';
import { Visit } from './visit.ts';

const defaultLimits: DocumentLimits = {
  maxUpdateBytes: defaultMaxUpdateBytes,
  maxDocumentBytes: defaultMaxDocumentBytes,
};

/** How a session opens a document. */
export interface Opening {
  /** Of those that are there, by its name. */
  readonly engine?: string;
  readonly mayWrite?: boolean;
  readonly incarnation?: number;
}

/** Hears of presence in any document: once for what changes within a tick. */
export type PresenceListener = (document: DocumentName, changes: readonly OwnedPresence[]) => void;

/** Hears of what somebody says to all who have a document open; `owner` is who brought it. */
export type EphemeralListener = (document: DocumentName, owner: object, message: Ephemeral) => void;

/** Hears of documents of which a row turned out to be damaged. */
export type DamageListener = (document: DocumentName) => void;

export class Documents implements Pressure {
  readonly #context: DocumentContext;
  readonly #channelContext: ChannelContext;
  readonly #documents = new Map<DocumentName, Document>();
  readonly #compactor: Compactor;
  readonly #held = new Set<Held>();
  readonly #sweep: Timer;
  /** What ends the pauses that sessions are made to take. */
  readonly #pauses = new Set<() => void>();
  readonly commits: Commits;
  readonly #presenceListeners = new Set<PresenceListener>();
  readonly #ephemeralListeners = new Set<EphemeralListener>();
  readonly #damageListeners = new Set<DamageListener>();
  #queuedBytes = 0;
  #isDraining = false;
  #onNothingQueued: (() => void) | undefined;

  constructor(context: CoreContext, limits: DocumentLimits = defaultLimits) {
    this.#compactor = new Compactor(context);
    // One object for all documents, and one for all channels: there may be very many of them.
    this.#context = {
      ...context,
      maxDocumentBytes: limits.maxDocumentBytes,
      committed: (document, commit) => this.#committed(document, commit),
      damaged: ({ name }) => {
        for (const listener of this.#damageListeners) listener(name);
      },
      presenceChanged: ({ name }, changes) => {
        for (const listener of this.#presenceListeners) listener(name, changes);
      },
      ephemeralHeard: ({ name }, owner, message) => {
        for (const listener of this.#ephemeralListeners) listener(name, owner, message);
      },
    };
    this.commits = new Commits(context.journal.lastSequence);
    const { clock, observe } = context;
    this.#channelContext = {
      clock,
      observe,
      pressure: this,
      maxUpdateBytes: limits.maxUpdateBytes,
      pause: (milliseconds) => this.#pause(milliseconds),
    };
    this.#sweep = context.clock.every(sweepMs, () => this.#sweepIdle());
  }

  get count(): number {
    return this.#documents.size;
  }

  /** Whether so much waits for its commit that no more is to be read. */
  get isFull(): boolean {
    return this.#queuedBytes > maxQueuedBytes;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /**
   * Opens a document for a session, of the engine in whose words it speaks. `incarnation` is that of what the session has of it, 0 for
   * nothing; undefined where it cannot say. Throws `going_away` while the server is stopping, and `wrong_engine`.
   */
  open(
    name: DocumentName,
    speaker: Speaker,
    { engine: named = 'yjs', mayWrite = true, incarnation }: Opening = {},
  ): Channel {
    if (this.#isDraining) throw new SyncError('going_away');
    const document = this.#document(name);
    const engine = this.#engine(named);
    if (!document.claim(engine)) throw wrongEngine(document.engine);
    const channel = new Channel(document, engine, speaker, this.#channelContext);
    if (!mayWrite) channel.allowWriting(false);
    document.channels.add(channel);
    channel.begin(incarnation);
    return channel;
  }

  /**
   * Opens a document for the work of another replica, or an operator's: to be ended. `engine` is that of what is brought. Throws
   * `wrong_engine` for one that is not known here.
   */
  visit(name: DocumentName, engine?: string): Visit {
    const document = this.#document(name);
    if (engine === undefined) return new Visit(document);
    const brought = this.#engine(engine);
    document.claim(brought);
    return new Visit(document, brought);
  }

  /** Calls `listener` with what changes in the presence of any document. Gives what ends that. */
  listenToPresence(listener: PresenceListener): () => void {
    this.#presenceListeners.add(listener);
    return () => void this.#presenceListeners.delete(listener);
  }

  /** Calls `listener` with what is said to all who have any document open. Gives what ends that. */
  listenToEphemeral(listener: EphemeralListener): () => void {
    this.#ephemeralListeners.add(listener);
    return () => void this.#ephemeralListeners.delete(listener);
  }

  /** Calls `listener` with each document of which a row turns out to be damaged, as often as that happens. Gives what ends that. */
  listenToDamage(listener: DamageListener): () => void {
    this.#damageListeners.add(listener);
    return () => void this.#damageListeners.delete(listener);
  }

  /** Makes a damaged document whole again, as `restoreDocument` does. */
  restore(name: DocumentName, copy: Copy): Promise<Restored | undefined> {
    return restoreDocument(this.#document(name), copy, this.#context);
  }

  /** The documents in which somebody is present. */
  *present(): Iterable<Visit> {
    for (const document of this.#documents.values()) if (document.hasPresence) yield new Visit(document);
  }

  queued(bytes: number): void {
    this.#queuedBytes += bytes;
  }

  settled(bytes: number): void {
    this.#queuedBytes -= bytes;
    if (this.#queuedBytes === 0) this.#onNothingQueued?.();
    if (this.#held.size === 0 || this.#queuedBytes * 2 > maxQueuedBytes) return;
    const held = [...this.#held];
    this.#held.clear();
    for (const channel of held) channel.letThrough();
  }

  held(held: Held): void {
    this.#held.add(held);
  }

  /** Takes nothing new in and resolves when everything submitted is committed, or has failed. Called once, on the way down. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#sweep.cancel();
    for (const end of this.#pauses) end();
    // First what is still being checked or waits for its document, then what that has submitted.
    if (this.#queuedBytes > 0) await new Promise<void>((resolve) => (this.#onNothingQueued = resolve));
    await Promise.all([...this.#documents.values()].map((document) => document.settled()));
    await this.#compactor.stop();
    for (const document of this.#documents.values()) document.stop();
  }

  #committed(document: Document, commit: Commit): void {
    this.#compactor.consider(document);
    this.commits.add(commit);
  }

  #pause(milliseconds: number): Promise<void> {
    if (this.#isDraining) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        this.#pauses.delete(end);
        resolve();
      };
      const timer = this.#context.clock.after(milliseconds, end);
      this.#pauses.add(end);
    });
  }

  #engine(name: string): Engine {
    const engine = this.#context.engines.get(name);
    if (!engine) throw new SyncError('wrong_engine', `there is no engine ${name} here`);
    return engine;
  }

  #document(name: DocumentName): Document {
    let document = this.#documents.get(name);
    if (!document) {
      document = new Document(name, this.#context);
      this.#documents.set(name, document);
      this.#context.observe.documentOpened();
    }
    return document;
  }

  #sweepIdle(): void {
    const now = this.#context.clock.now();
    for (const document of this.#documents.values()) {
      document.expirePresence(now);
      if (document.isBusy || now - document.lastUsedMs < idleMs || this.#compactor.isAt(document)) continue;
      if (!document.isResting) {
        this.#compactor.considerAtRest(document);
        document.rest();
      }
      if (document.channels.size === 0 && !document.hasPresence && !this.#compactor.isAt(document)) {
        document.stop();
        this.#documents.delete(document.name);
        this.#context.observe.documentEvicted();
      }
    }
  }
}
