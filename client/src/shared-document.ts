// A document on the connection, however often it has been opened, and of whatever engine: in the order in which it is read from this
// device, attached to the server, told to other tabs, kept and let go.
import type { BoundPresence, Given, HeldDocument } from './engine.ts';
import { EphemeralSession } from './ephemeral/session.ts';
import type { Keeper } from './local/keeper.ts';
import { LocalDocument } from './local/local-document.ts';
import { OtherTabs } from './local/other-tabs.ts';
import type { TabEdit, TabMember } from './local/tabs.ts';
import { type DocumentStatus, statusOf } from './status.ts';
import type { Connection } from './sync/connection.ts';
import { SyncedContent } from './sync/synced-content.ts';
import { tell } from './tell.ts';

interface About {
  readonly name: string;
  readonly channel: number;
  readonly sender: string;
  /** Of which what is in the document is, 0 if nothing of it came from a server. */
  readonly incarnation: number;
}

/** What of a client its documents need. */
export interface Surroundings {
  readonly connection: Connection;
  readonly keeper: Keeper | undefined;
  readonly tab: TabMember | undefined;
  /** Something of the document's status has changed. */
  readonly changed: () => void;
}

export class SharedDocument {
  readonly name: string;
  readonly held: HeldDocument;
  readonly content: SyncedContent;
  readonly ephemeral: EphemeralSession;
  /** As it is kept on this device, if it is. */
  readonly local: LocalDocument | undefined;
  users = 0;
  /** How often all who had it open have closed it. */
  departures = 0;
  readonly #surroundings: Surroundings;
  readonly #listeners = new Set<() => void>();
  readonly #presence: BoundPresence;
  readonly #otherTabs: OtherTabs;
  readonly #loaded: Promise<void>;
  /** Of those who have it open, the ones who want no server. */
  readonly #paused = new Set<object>();
  #isReady = false;
  #isAttached = false;
  #isClosed = false;

  /** `sender` names the client to all who have the document open. */
  constructor({ name, channel, sender, incarnation }: About, held: HeldDocument, surroundings: Surroundings) {
    const { connection, keeper } = surroundings;
    const { platform } = connection;
    const { content } = held;
    const changed = (): void => this.changed();
    this.name = name;
    this.held = held;
    this.#surroundings = surroundings;
    const synced = new SyncedContent({ channel, document: name, content, incarnation }, connection, {
      changed,
      edited: (updates) => this.#edited(updates),
      received: (updates) => this.local?.received(updates),
      presence: (entries) => this.#presence.heard(entries),
      presenceLost: () => this.#presence.beginAnew(),
      ephemeral: (message) => this.ephemeral.heard(message),
    });
    this.content = synced;
    // Names this document to whoever reads what is kept: no other has the same, in this tab or any.
    const tab = `${sender}/${channel}`;
    this.local = keeper && new LocalDocument({ name, content, synced, keeper, platform, tab, changed });
    this.#otherTabs = new OtherTabs({ engine: content.engine, synced, local: this.local });
    this.ephemeral = new EphemeralSession(sender, platform, (message) => synced.sayEphemeral(message));
    this.#presence = held.bindPresence((entries) => synced.sayPresence(entries));
    this.#loaded = this.#begin();
  }

  get status(): DocumentStatus {
    const { state, isChanging, awaited } = this.content;
    const local = this.local?.status ?? { state: 'memory' };
    return statusOf(this.#surroundings.connection.state, state, { isChanging, awaited, local });
  }

  /** Resolves when what is kept on this device is in it, or cannot be read. */
  async loaded(): Promise<void> {
    await this.#loaded;
    // It may be read once more: what was there was forgotten elsewhere, or could not be read at first.
    if (this.local?.status.state === 'loading') await this.local.load();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    this.local?.heard();
    for (const listener of this.#listeners) listener();
    this.#surroundings.changed();
  }

  /** Resolves when everything in it is acknowledged, or will never be. */
  async settled(): Promise<void> {
    await this.#loaded;
    await this.content.saved({ tier: 'stored' }).catch(() => undefined);
  }

  /** Something was typed in another tab. */
  heardFrom(tab: string, edit: TabEdit): void {
    void this.#otherTabs.heard(tab, edit);
  }

  leftBy(tab: string): void {
    this.#otherTabs.left(tab);
  }

  /** One of those who have it open wants no server from now on, or one again. */
  pause(who: object, isPaused: boolean): void {
    if (isPaused) this.#paused.add(who);
    else this.#paused.delete(who);
    this.attach();
  }

  /** Is on the connection, unless all who have it open want none. */
  attach(): void {
    const isWanted = this.#paused.size === 0 || this.#paused.size < this.users;
    if (this.#isClosed || !this.#isReady || isWanted === this.#isAttached) return;
    this.#isAttached = isWanted;
    const { connection } = this.#surroundings;
    if (isWanted) return connection.add(this.content);
    connection.leave(this.content);
    // Nobody is known to be there any more.
    tell(() => this.#presence.beginAnew(), connection.platform);
  }

  /** Nobody has it open any more. */
  leave(): void {
    tell(() => this.held.leave(), this.#surroundings.connection.platform);
  }

  enter(given: Given): void {
    tell(() => this.held.enter(given), this.#surroundings.connection.platform);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { connection } = this.#surroundings;
    connection.remove(this.content);
    this.local?.close();
    tell(() => this.#presence.end(), connection.platform);
  }

  /** What is kept on this device comes first: the server then sends only what is new. */
  async #begin(): Promise<void> {
    if (this.local) {
      this.#surroundings.connection.start();
      await this.local.load();
    }
    this.#isReady = true;
    this.attach();
  }

  #edited(updates: readonly Uint8Array[]): void {
    this.local?.edited(updates);
    const { engine } = this.held.content;
    this.#surroundings.tab?.tell({
      document: this.name,
      engine,
      incarnation: this.content.incarnation,
      updates,
    });
  }
}
