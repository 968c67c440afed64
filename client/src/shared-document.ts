// A document on the connection, however often it has been opened, and of whatever engine.
import type { PresenceEntry } from '@syncline/shared';
import type { HeldDocument } from './engine.ts';
import { EphemeralSession } from './ephemeral/session.ts';
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

export class SharedDocument {
  readonly name: string;
  readonly held: HeldDocument;
  readonly content: SyncedContent;
  readonly ephemeral: EphemeralSession;
  users = 0;
  readonly #connection: Connection;
  readonly #listeners = new Set<() => void>();
  readonly #endPresence: () => void;
  #isClosed = false;

  /** `sender` names the client to all who have the document open. */
  constructor({ name, channel, sender, incarnation }: About, held: HeldDocument, connection: Connection) {
    this.name = name;
    this.held = held;
    this.#connection = connection;
    let heard: (entries: readonly PresenceEntry[]) => void = () => {};
    let lost = (): void => {};
    const subject = { channel, document: name, content: held.content, incarnation };
    this.content = new SyncedContent(subject, connection, {
      changed: () => this.changed(),
      presence: (entries) => heard(entries),
      presenceLost: () => lost(),
      ephemeral: (message) => this.ephemeral.heard(message),
    });
    this.ephemeral = new EphemeralSession(sender, connection.platform, (message) =>
      this.content.sayEphemeral(message),
    );
    const bound = held.bindPresence((entries) => this.content.sayPresence(entries));
    heard = (entries) => bound.heard(entries);
    lost = () => bound.beginAnew();
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
    tell(() => this.#endPresence(), this.#connection.platform);
  }

  #present(state: Record<string, unknown> | null): void {
    tell(() => this.held.presence.setLocalState(state), this.#connection.platform);
  }
}
