// One open document: feeds its channel's state machine with what is typed and heard, and does what follows. It knows
// content only as bytes.
import type { PresenceEntry, ResumePosition, SyncError } from '@syncline/shared';
import { type ChannelEvent, type ChannelState, isSending } from './channel.ts';
import { newChannel, nextChannel } from './channel-state.ts';
import type { ServerFacts } from './connection-state.ts';
import type { Content } from './content.ts';
import {
  type ContentListener,
  type DocumentMessage,
  type EphemeralMessage,
  type Link,
  refusalOf,
} from './link.ts';
import { Replicas } from './replicas.ts';
import { sameBytes } from './same-bytes.ts';
import { Waiting } from './waiting.ts';

/**
 * What an acknowledgement must have survived: `stored` is on the disk of a server, and `replicas` on those of so many of its
 * cluster, the server that one is connected to among them.
 */
export type ServerTier = 'stored' | { readonly replicas: number };

/** What is synchronised, and how. */
interface Subject {
  readonly channel: number;
  readonly document: string;
  readonly content: Content;
  /** Of which what the content holds is, 0 if nothing of it came from a server. */
  readonly incarnation?: number;
}

/** What is known of what was kept on this device. */
export interface Restored {
  readonly resume: ResumePosition | undefined;
  /** Of which incarnation it is, 0 if nothing of it came from a server. */
  readonly incarnation: number;
  /** What of it no server has acknowledged, and since when; undefined if nothing. */
  readonly earlier: { readonly edits: number; readonly sinceMs: number } | undefined;
}

export class SyncedContent {
  readonly #content: Content;
  readonly #link: Link;
  readonly #listener: ContentListener;
  readonly #endEdits: () => void;
  #state: ChannelState;
  /** Edits of this turn: they become one batch. */
  #typed: Uint8Array[] = [];
  #cancelFlush: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;
  /** The last entry of each client that this side speaks for. */
  readonly #presence = new Map<number, PresenceEntry>();
  /** What is said of presence meanwhile is said once, with the rest. */
  #isAnnouncing = false;
  readonly #replicas = new Replicas();
  readonly #waiting = new Waiting();
  #isClosed = false;

  constructor({ channel, document, content, incarnation }: Subject, link: Link, listener: ContentListener) {
    this.#content = content;
    this.#link = link;
    this.#listener = listener;
    this.#state = newChannel({ channel, document, engine: content.engine }, content.isEmpty, incarnation);
    this.#endEdits = content.listen({
      edited: (update) => this.#typedHere(update),
      changed: () => this.#settle(),
    });
  }

  get channel(): number {
    return this.#state.channel;
  }

  /** Of which what the content holds is. */
  get incarnation(): number {
    return this.#state.incarnation.held;
  }

  /** Whether the document is in the midst of a change, of which `state` does not tell yet. */
  get isChanging(): boolean {
    return this.#content.isChanging;
  }

  /** With what has been typed in this turn. */
  get state(): ChannelState {
    this.flush();
    return this.#state;
  }

  /** Resolves when everything that the server has of the document has come. Rejects with a SyncError when it is refused for good. */
  synced(): Promise<void> {
    return this.#until(() => this.#state.phase.phase === 'live', false);
  }

  /**
   * Resolves when everything in the document at the time of the call is acknowledged at this tier. Rejects with a SyncError
   * when the server refuses the document for good, or what is typed in it.
   */
  saved({ tier }: { readonly tier: ServerTier }): Promise<void> {
    this.flush();
    let edits: number | undefined;
    const isStored = (): boolean => {
      // In the midst of a change it is not known yet what has been typed.
      if (edits === undefined && (this.isChanging || this.#typed.length > 0)) return false;
      const through = (edits ??= this.#state.edits);
      return !this.#state.mayLack && this.#state.pending.every(({ firstEdit }) => firstEdit > through);
    };
    if (tier === 'stored') return this.#until(isStored, true);
    const replicas = typeof tier === 'object' ? tier.replicas : undefined;
    if (!Number.isSafeInteger(replicas) || replicas! < 1)
      throw new RangeError(`there is no tier ${JSON.stringify(tier)}`);
    return this.#until(this.#replicas.wait(replicas!, isStored), true);
  }

  /** What the replicas are called for which a `saved` waits. */
  get awaited(): readonly string[] {
    return this.#replicas.awaited;
  }

  /** Whether everything that is in it is acknowledged. */
  get isSaved(): boolean {
    const { pending, mayLack } = this.state;
    return pending.length === 0 && !mayLack && !this.isChanging;
  }

  /** Resolves when nothing is open of which it is not known yet which incarnation the server has: what comes in now may be of another. */
  async met(): Promise<void> {
    while (this.#isAttached && this.incarnation === 0)
      await this.#until(() => !this.#isAttached || this.incarnation !== 0, false).catch(() => {});
  }

  /** Takes in what was kept on this device. */
  restore(updates: readonly Uint8Array[], restored: Restored): void {
    this.takeIn(updates);
    this.#step({ event: 'restored', ...restored });
  }

  /** Takes in what others have typed on this device, who also keep it and send it. */
  takeIn(updates: readonly Uint8Array[]): void {
    this.#tell(() => this.#content.apply(updates));
  }

  /** Whoever typed what was taken in is gone, and may not have sent it. */
  inherit(): void {
    this.#step({ event: 'inherited' });
  }

  /** Says who is present here: kept, and said again on every connection. */
  sayPresence(entries: readonly PresenceEntry[]): void {
    for (const entry of entries) this.#presence.set(entry.client, entry);
    if (this.#isAttached && !this.#isAnnouncing)
      this.#link.say({ say: 'presence', channel: this.channel, entries });
    for (const { client, state } of entries) if (!state) this.#presence.delete(client);
  }

  /** Says something to all others who have the document open now, and to nobody while there is no connection. */
  sayEphemeral(message: EphemeralMessage): void {
    if (this.#isAttached) this.#link.say({ say: 'ephemeral', channel: this.channel, ...message });
  }

  attached(server: ServerFacts): void {
    this.#step({ event: 'attached', server });
  }

  detached(): void {
    this.#replicas.detached();
    this.#step({ event: 'detached' });
  }

  /** The connection stays, and others on it. */
  leave(): void {
    this.#sayClose();
    this.detached();
  }

  heard(message: DocumentMessage): void {
    switch (message.say) {
      case 'presence':
        return this.#tell(() => this.#listener.presence(message.entries));
      case 'ephemeral':
        return this.#tell(() => this.#listener.ephemeral?.(message));
      case 'refused':
        return this.#refused(refusalOf(message));
      case 'replicated':
      case 'awaiting':
        this.#replicas.heard(message);
        return this.#changed();
      case 'ask': {
        this.flush();
        return this.#sendLacking(this.#content.lacking(message.request));
      }
      case 'answer':
      case 'expired':
      case 'updates':
      case 'caughtUp':
      case 'stored':
      case 'again':
      case 'access':
      case 'incarnation':
        this.#step({ event: 'heard', message });
    }
  }

  /** The connection has changed. */
  connectionChanged(): void {
    this.#settle();
  }

  /** Tries again after a refusal, when the application has mended its cause. */
  retry(): void {
    this.#step({ event: 'retry' });
  }

  close(): void {
    if (this.#isClosed) return;
    this.flush();
    this.#isClosed = true;
    this.#endEdits();
    this.#cancelRetry?.();
    this.#sayClose();
    this.#state = nextChannel(this.#state, { event: 'detached' }, (updates) => updates).state;
    this.#waiting.end(new Error('the document was closed'));
  }

  #sayClose(): void {
    if (this.#isAttached) this.#link.say({ say: 'close', channel: this.channel });
  }

  get #isAttached(): boolean {
    return isSending(this.#state);
  }

  #typedHere(update: Uint8Array): void {
    this.#typed.push(update);
    this.#cancelFlush ??= this.#link.platform.after(0, () => {
      this.#cancelFlush = undefined;
      this.flush();
    });
  }

  /** Takes what has been typed in this turn. */
  flush(): void {
    if (this.#typed.length === 0 || this.#isClosed) return;
    const updates = this.#typed;
    this.#typed = [];
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#listener.edited?.(updates);
    this.#step({ event: 'edited', updates, nowMs: this.#link.platform.now() });
  }

  #refused(error: SyncError): void {
    this.#replicas.detached();
    const { platform } = this.#link;
    this.#step({ event: 'refused', error, nowMs: platform.now(), fraction: platform.fraction() });
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    const { phase } = this.#state;
    // Whoever was told may have closed it.
    if (phase.phase !== 'postponed' || this.#isClosed) return;
    this.#cancelRetry = platform.after(Math.max(0, phase.retryAtMs - platform.now()), () => {
      if (this.#state.phase.phase === 'postponed') this.#step({ event: 'retry' });
    });
  }

  #step(event: ChannelEvent): void {
    // What was typed before an event belongs before it.
    if (event.event !== 'edited') this.flush();
    const wasAttached = this.#isAttached;
    const { state, say, apply, isToCompare, digest } = nextChannel(this.#state, event, (updates) =>
      this.#content.merge(updates),
    );
    this.#state = state;
    for (const message of say) this.#link.say(message);
    if (apply.length > 0) {
      this.#tell(() => this.#content.apply(apply));
      this.#listener.received?.(apply);
    }
    if (isToCompare) this.#compare();
    if (!wasAttached && this.#isAttached) this.#announce();
    if (digest) {
      const isSame = sameBytes(digest, this.#content.fingerprint());
      return this.#step({ event: 'compared', isSame });
    }
    this.#changed();
  }

  #compare(): void {
    const [request, deletions] = [this.#content.request(), this.#content.deletions()];
    this.#link.say({ say: 'compare', channel: this.channel, request, deletions });
    // The server cannot ask for what the request does not tell of.
    if (this.#content.hasGaps) this.#sendLacking(this.#content.lacking(request));
  }

  #sendLacking(lacking: readonly Uint8Array[]): void {
    if (lacking.length > 0) this.#step({ event: 'asked', lacking, nowMs: this.#link.platform.now() });
  }

  /** A new connection is told who is here: whoever is not named then has left, and a blip takes nobody down. */
  #announce(): void {
    this.#isAnnouncing = true;
    this.#tell(() => this.#listener.presenceLost());
    this.#isAnnouncing = false;
    const entries = [...this.#presence.values()];
    if (entries.length > 0) this.#link.say({ say: 'presence', channel: this.channel, entries });
  }

  #until(isOver: () => boolean, isUpload: boolean): Promise<void> {
    const promise = this.#waiting.until(isOver, isUpload);
    this.#settle();
    return promise;
  }

  #settle(): void {
    for (const question of this.#replicas.questions(this.#state)) this.#link.say(question);
    const { phase, mayWrite } = this.#state;
    const refusal = phase.phase === 'refused' ? phase.error : this.#link.rejection;
    this.#waiting.settle(refusal, mayWrite);
  }

  #changed(): void {
    this.#settle();
    this.#tell(() => this.#listener.changed());
  }

  /** The application's own code runs in it: what that throws must not stop the synchronisation. */
  #tell(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#link.platform.report(error);
    }
  }
}
