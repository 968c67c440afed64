// One socket of automerge-repo's protocol: the client says who it is, and then syncs many documents, each named in every frame.
import { type DocumentName, maxEphemeralBytes, SyncError } from '@syncline/shared';
import type { Channel } from '../../core/channel.ts';
import { maxOutboxBytes } from '../../core/limits.ts';
import type { Speaker } from '../../core/speaker.ts';
import type { Principal } from '../../port/access.ts';
import type { ChangeFormat } from '../../port/changes.ts';
import type { Clock } from '../../port/clock.ts';
import type { Observe } from '../../port/observe.ts';
import type { Outbox } from '../../port/outbox.ts';
import type { Session } from '../../port/session.ts';
import { Throttle } from '../throttle.ts';
import type { Peer, Peers } from './peers.ts';
import { RepoDocument, type RepoLine } from './repo-document.ts';
import {
  type EphemeralFrame,
  type Ends,
  errorFrame,
  type Join,
  peerFrame,
  readRepoMessage,
  type RepoMessage,
  type SyncFrame,
  unavailableFrame,
} from './repo-message.ts';
import { storageIdOf } from './storage-id.ts';

export interface AutomergeRepoSettings {
  /** 16 bytes that tell this replica from all others. */
  readonly replica: Uint8Array;
  readonly principal: Principal;
  readonly peers: Peers;
  readonly format: ChangeFormat;
  readonly clock: Clock;
  readonly observe: Observe;
  readonly maxDocuments: number;
  /** The name of the document that has an id. Rejects with a SyncError. */
  nameOf(documentId: string): Promise<DocumentName>;
  /** Throws a SyncError. */
  open(name: DocumentName, speaker: Speaker, access: { readonly mayWrite: boolean }): Channel;
  /** A document is to be opened: the milliseconds to wait before. */
  opens(): number;
}

/** The only one that there is. */
const protocolVersion = '1';

/** Among the documents for which the session is held back: one that is being opened. */
const opening = Symbol('opening');

type State =
  | { readonly state: 'new' }
  | { readonly state: 'joined'; readonly ends: Ends; readonly leave: () => void }
  | { readonly state: 'over' };

export class AutomergeRepoSession implements Session, Peer, RepoLine {
  readonly #outbox: Outbox;
  readonly #settings: AutomergeRepoSettings;
  readonly #documents = new Map<string, RepoDocument>();
  /** Documents that were refused for good: whoever goes on about them is told no more than that. */
  readonly #refused = new Set<string>();
  readonly #throttle: Throttle;
  #state: State = { state: 'new' };
  /** Frames that came in the same read as one that has to wait. */
  #early: Uint8Array[] = [];

  constructor(outbox: Outbox, settings: AutomergeRepoSettings) {
    this.#outbox = outbox;
    this.#settings = settings;
    this.#throttle = new Throttle(outbox);
  }

  get hasSpoken(): boolean {
    return this.#state.state !== 'new';
  }

  receive(frame: Uint8Array): void {
    if (this.#state.state === 'over') return;
    if (this.#throttle.isHeldBack(opening)) return void this.#early.push(frame);
    this.#act(() => this.#heard(readRepoMessage(frame)));
  }

  /** Stock clients do not wait for signs of life; that they are there they show in pongs. */
  keepAlive(): void {}

  drained(): void {
    this.#throttle.drained();
    for (const document of this.#documents.values()) document.drained();
  }

  closed(): void {
    if (this.#state.state === 'joined') this.#state.leave();
    this.#state = { state: 'over' };
    for (const document of this.#documents.values()) document.close();
    this.#documents.clear();
    this.#early = [];
  }

  end(error: unknown): void {
    if (this.#state.state === 'over') return;
    const refusal = error instanceof SyncError ? error : new SyncError('internal');
    if (refusal !== error) this.#settings.observe.notice({ event: 'internal-error', reason: String(error) });
    this.#complain(refusal);
    this.closed();
    this.#outbox.close(refusal.close, refusal.message);
  }

  replaced(): void {
    this.closed();
    this.#outbox.close(1000, 'another connection has taken its place');
  }

  get clock(): Clock {
    return this.#settings.clock;
  }

  get format(): ChangeFormat {
    return this.#settings.format;
  }

  get ends(): Ends {
    if (this.#state.state !== 'joined') throw new Error('nobody has joined');
    return this.#state.ends;
  }

  get hasRoom(): boolean {
    return this.#outbox.bufferedBytes < maxOutboxBytes;
  }

  send(frame: Uint8Array): void {
    if (this.#state.state !== 'over') this.#outbox.send(frame);
  }

  reply(frame: Uint8Array): void {
    this.send(frame);
    this.#throttle.replied();
  }

  refused(documentId: string, error: SyncError): void {
    if (this.#isOver()) return;
    this.#documents.delete(documentId);
    this.holdBack(documentId, false);
    this.#refuse(documentId, error);
  }

  keeps(bytes: number): void {
    this.#throttle.keeps(bytes);
  }

  holdBack(document: string | symbol, isHeldBack: boolean): void {
    this.#throttle.holdBack(document, isHeldBack);
  }

  #act(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.end(error);
    }
  }

  #heard(message: RepoMessage): void {
    if (message.type === 'join') return this.#joined(message);
    // Before it has joined it is nobody, and afterwards it may speak of itself alone.
    if (this.#state.state !== 'joined' || message.type === 'other') return;
    if (message.type === 'ephemeral') return this.#heardEphemeral(message);
    if (message.senderId === this.ends.targetId) this.#heardSync(message);
  }

  #joined({ senderId: targetId, versions }: Join): void {
    const { replica, principal, peers } = this.#settings;
    const storageId = storageIdOf(replica);
    const ends = { senderId: peerIdOf(replica), targetId };
    if (versions && !versions.includes(protocolVersion)) {
      const refusal = new SyncError('unsupported_version', `the server speaks version ${protocolVersion}`);
      this.reply(errorFrame(ends, complaintOf(refusal)));
      throw refusal;
    }
    if (this.#state.state === 'joined') {
      // A client that connects anew may say it twice.
      if (this.ends.targetId !== targetId) throw new SyncError('bad_frame', 'it has joined by another name');
    } else {
      const leave = peers.enter(principal.id, targetId, this);
      this.#state = { state: 'joined', ends, leave };
    }
    this.reply(peerFrame(ends, storageId));
  }

  #heardEphemeral(message: EphemeralFrame): void {
    const { documentId, data } = message;
    // An app may say more than is passed on. Its document is no worse for it.
    if (data.length > maxEphemeralBytes) this.#complain(new SyncError('ephemeral_too_large'), documentId);
    else this.#documents.get(documentId)?.heardEphemeral(message);
  }

  #heardSync(message: SyncFrame): void {
    const { documentId } = message;
    const document = this.#documents.get(documentId);
    if (document) return document.heard(message);
    if (this.#refused.has(documentId)) return this.reply(unavailableFrame(this.ends, documentId));
    void this.#openInTurn(message);
  }

  /** What comes behind waits meanwhile: documents that are opened too fast are not refused. */
  async #openInTurn(message: SyncFrame): Promise<void> {
    const settings = this.#settings;
    this.holdBack(opening, true);
    try {
      const waitMs = settings.opens();
      if (waitMs > 0) await new Promise<void>((resolve) => void settings.clock.after(waitMs, resolve));
      const name = await settings.nameOf(message.documentId);
      if (!this.#isOver()) this.#open(name, message.documentId)?.heard(message);
    } catch (error) {
      if (!this.#isOver()) this.#failed(message.documentId, error);
    }
    this.holdBack(opening, false);
    this.#readOn();
  }

  #failed(documentId: string, error: unknown): void {
    if (error instanceof SyncError && error.code !== 'bad_frame') this.#refuse(documentId, error);
    else this.end(error);
  }

  /** What came early is done in order, up to what has to wait itself. */
  #readOn(): void {
    while (!this.#throttle.isHeldBack(opening)) {
      const frame = this.#early.shift();
      if (!frame) return;
      this.receive(frame);
    }
  }

  #open(name: DocumentName, documentId: string): RepoDocument {
    const { principal, maxDocuments } = this.#settings;
    if (this.#documents.size >= maxDocuments) throw new SyncError('too_many_channels');
    if (!principal.may('read', name)) throw new SyncError('forbidden');
    const mayWrite = principal.may('write', name);
    const document = new RepoDocument(documentId, this, mayWrite);
    document.channel = this.#settings.open(name, document, { mayWrite });
    this.#documents.set(documentId, document);
    return document;
  }

  /** To stock clients a document that they may not have is one that is not there; the reason is in their log. */
  #refuse(documentId: string, error: SyncError): void {
    if (error.retry === 'never' && this.#refused.size < this.#settings.maxDocuments)
      this.#refused.add(documentId);
    this.#complain(error, documentId);
    this.reply(unavailableFrame(this.ends, documentId));
  }

  #complain(error: SyncError, documentId?: string): void {
    if (this.#state.state === 'joined') this.reply(errorFrame(this.ends, complaintOf(error, documentId)));
  }

  #isOver(): boolean {
    return this.#state.state === 'over';
  }
}

/** To somebody who is not let in. */
export function refusalFrame(replica: Uint8Array, error: SyncError): Uint8Array {
  return errorFrame({ senderId: peerIdOf(replica), targetId: '' }, complaintOf(error));
}

function peerIdOf(replica: Uint8Array): string {
  return `syncline-${storageIdOf(replica)}`;
}

/** What stock clients write into their log. */
function complaintOf({ code, message }: SyncError, documentId?: string): string {
  return documentId === undefined ? `${code}: ${message}` : `${code} ${documentId}: ${message}`;
}
