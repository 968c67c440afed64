// One document open in a simulated client of the native protocol: what an app does with it, and an oracle that looks at what it claims.
import { type DocumentStatus, statusOf } from '@syncline/client/status.ts';
import type { Keeper } from '@syncline/client/local/keeper.ts';
import { LocalDocument } from '@syncline/client/local/local-document.ts';
import { OtherTabs } from '@syncline/client/local/other-tabs.ts';
import type { TabEdit, TabMember } from '@syncline/client/local/tabs.ts';
import type { Connection } from '@syncline/client/sync/connection.ts';
import type { Content } from '@syncline/client/sync/content.ts';
import { SyncedContent } from '@syncline/client/sync/synced-content.ts';
import { yjsContent } from '@syncline/client/yjs/content.ts';
import * as Y from 'yjs';
import { readDocument, type Said } from '../oracle/clocks.ts';
import { DeviceClaims } from '../oracle/device-claims.ts';
import { DocumentClaims } from '../oracle/document-claims.ts';
import { lackingIn } from '../oracle/document-clocks.ts';
import type { Device } from '../world/device.ts';
import { PresenceView } from './presence.ts';
import type { ClientSurroundings } from './surroundings.ts';

/** A document of an app, and of which incarnation what is in it is. */
export interface Kept {
  readonly doc: Y.Doc;
  readonly incarnation: number;
}

/** Where a client keeps its documents. */
export interface KeptOnDevice {
  readonly device: Device;
  readonly keeper: Keeper;
}

interface About {
  readonly name: string;
  readonly channel: number;
  readonly kept: Kept;
  readonly owner: string;
  readonly onDevice: KeptOnDevice | undefined;
  /** One among several of its origin, if it is. */
  readonly tab: TabMember | undefined;
}

/** A document that is kept on a device, and what that is said to keep. */
interface Local {
  readonly device: Device;
  readonly document: LocalDocument;
  readonly claims: DeviceClaims;
}

export class NativeDocument {
  readonly name: string;
  readonly channel: number;
  readonly doc: Y.Doc;
  readonly content: SyncedContent;
  readonly presence: PresenceView;
  readonly #bytes: Content;
  readonly #tab: TabMember | undefined;
  readonly #otherTabs: OtherTabs;
  readonly #local: Local | undefined;
  readonly #owner: string;
  readonly #connection: Connection;
  readonly #surroundings: ClientSurroundings;
  readonly #claims: DocumentClaims;
  readonly #onUpdate: (update: Uint8Array, origin: unknown, doc: Y.Doc, transaction: Y.Transaction) => void;
  #isClosed = false;

  constructor(
    { name, channel, kept, owner, onDevice, tab }: About,
    connection: Connection,
    surroundings: ClientSurroundings,
  ) {
    const { doc, incarnation } = kept;
    this.name = name;
    this.channel = channel;
    this.doc = doc;
    this.#owner = owner;
    this.#connection = connection;
    this.#surroundings = surroundings;
    this.#claims = new DocumentClaims({ name, owner, doc }, surroundings);
    // Before the content hears of it: what is typed is known when its status is looked at.
    this.#onUpdate = (update, _origin, _doc, { local }) => {
      surroundings.authors.made(doc.clientID, Y.getState(doc.store, doc.clientID));
      if (local) this.#claims.typed(update);
    };
    doc.on('update', this.#onUpdate);
    this.#bytes = yjsContent(doc);
    const subject = { channel, document: name, content: this.#bytes, incarnation };
    this.content = new SyncedContent(subject, connection, {
      changed: () => this.changed(),
      edited: (updates) => this.#edited(updates),
      received: (updates) => this.#local?.document.received(updates),
      presence: (entries) => this.presence.heard(entries),
      presenceLost: () => this.presence.forget(),
    });
    this.presence = new PresenceView(doc.clientID, (entry) => this.content.sayPresence([entry]));
    this.#tab = tab;
    this.#local = onDevice && this.#localOn(onDevice);
    this.#otherTabs = new OtherTabs({
      engine: this.#bytes.engine,
      synced: this.content,
      local: this.#local?.document,
    });
    if (this.#local) void this.#load(this.#local);
    else connection.add(this.content);
  }

  /** Looks at the status as an application would. */
  changed(): void {
    this.#local?.document.heard();
    const status = this.#status;
    const { phase } = this.#claims;
    this.#guard(() => this.#claims.looked(status, this.content.state));
    if (phase !== 'opening' && this.#claims.phase === 'opening') this.presence.forget();
  }

  /** What is in the document now is on the disk, and on those of so many replicas, once this resolves, whatever happens in between. */
  save(replicas = 1): void {
    const { trace, paths } = this.#surroundings;
    const isSaved = this.#claims.asked(replicas);
    this.content.saved({ tier: replicas === 1 ? 'stored' : { replicas } }).then(
      () => {
        trace.note(`${this.#owner} has saved ${this.name}${replicas === 1 ? '' : ` on ${replicas}`}`);
        if (replicas > 1) paths.saw('saved on several replicas');
        this.#guard(isSaved);
      },
      // It was closed before.
      () => {},
    );
  }

  /** What is in it now is on the device once this resolves. */
  saveHere(): void {
    const { trace, paths } = this.#surroundings;
    const wanted: Said = { structs: this.#claims.own(), deleted: [] };
    this.#local?.document.saved().then(
      () => {
        paths.saw('kept on the device');
        trace.note(`${this.#owner} has kept ${this.name}`);
        this.#guard(() => this.#local!.claims.kept(wanted));
      },
      () => paths.saw('device without room'),
    );
  }

  /** Something was typed in another tab. */
  heardFrom(tab: string, edit: TabEdit): void {
    void this.#otherTabs.heard(tab, edit).then((isTakenIn) => {
      if (!isTakenIn || this.#isClosed) return;
      this.#surroundings.paths.saw('edit told by another tab');
      this.#claims.told(tab, edit.updates);
    });
  }

  /** A tab is gone. */
  leftBy(tab: string): void {
    if (this.#otherTabs.left(tab)) this.#surroundings.paths.saw('inherited from a tab');
    this.#claims.leftBy(tab);
  }

  /** Whether the server has said that all of it is on its disk. */
  get isSaved(): boolean {
    return this.#status.uploads.isSaved;
  }

  /** Whether the server has said that the document has been deleted. */
  get isDeleted(): boolean {
    const { downloads } = this.#status;
    return downloads.state === 'refused' && downloads.error.code === 'document_deleted';
  }

  fingerprint(): Uint8Array {
    return this.#bytes.fingerprint();
  }

  whyNotSettled(): string | undefined {
    const { uploads, downloads, local } = this.#status;
    if (local.state !== 'memory' && !(local.state === 'kept' && local.isWritten)) return 'is not kept';
    if (!uploads.isSaved) return 'is not saved';
    if (downloads.state !== 'current') return `is ${downloads.state}`;
    const { truth } = this.#surroundings;
    const here = readDocument(this.doc);
    const lacking = truth.of(this.name).structs.missing(here.structs);
    if (lacking) return `has ${lacking.join(':')}, which is not on the disk`;
    // What refers to something that was never sent, and is gone with its tab, nobody can show.
    return lackingIn(this.doc, truth.of(this.name).shown()) && lackingIn(this.doc, truth.shown(this.name));
  }

  /** For the app to open it again. */
  get kept(): Kept {
    return { doc: this.doc, incarnation: this.content.incarnation };
  }

  close(): void {
    this.#isClosed = true;
    this.presence.leave();
    this.#connection.remove(this.content);
    this.#local?.document.close();
    this.doc.off('update', this.#onUpdate);
  }

  #edited(updates: readonly Uint8Array[]): void {
    this.#local?.document.edited(updates);
    const { engine } = this.#bytes;
    const { incarnation } = this.content;
    this.#tab?.tell({ document: this.name, engine, incarnation, updates });
  }

  #localOn({ device, keeper }: KeptOnDevice): Local {
    const { name, content } = this;
    const owner = this.#owner;
    const document = new LocalDocument({
      name,
      content: this.#bytes,
      synced: content,
      keeper,
      platform: this.#connection.platform,
      tab: `${owner} ${content.channel}`,
      changed: () => this.changed(),
    });
    return { device, document, claims: new DeviceClaims({ name, owner, device }) };
  }

  async #load({ device, document, claims }: Local): Promise<void> {
    const { name, content } = this;
    const { paths } = this.#surroundings;
    // Another tab may be told of more while this one reads.
    const { promised } = claims;
    this.#connection.start();
    await document.load();
    if (this.#isClosed || document.status.state !== 'kept') {
      // The device has troubles of its own: the document goes on without it.
      if (!this.#isClosed) this.#connection.add(content);
      return;
    }
    const here = readDocument(this.doc);
    if (here.structs.length > 0) paths.saw('reopened from the device');
    this.#guard(() => claims.reopened(promised, here));
    if (device.kept(name)?.unsaved.length) paths.saw('reopened with what was not saved');
    this.#claims.restored(here.structs);
    this.#connection.add(content);
  }

  get #status(): DocumentStatus {
    const { state: channel, isChanging, awaited } = this.content;
    const local = this.#local?.document.status ?? { state: 'memory' };
    return statusOf(this.#connection.state, channel, { isChanging, awaited, local });
  }

  #guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#surroundings.fail(error);
    }
  }
}
