// One document open in a simulated client of the native protocol, held to what its status claims.
// O7: saved means that all that was typed here is on the disk; current means that all is here that the disk had before.
// O16: what the device is said to keep is there whenever the document is opened again on it.
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
import { type Clocks, readDocument, readUpdate, type Said } from '../oracle/clocks.ts';
import { clocksOf, lackingIn, ownPart } from '../oracle/document-clocks.ts';
import { expectThat } from '../oracle/violation.ts';
import type { Device } from '../world/device.ts';
import { PresenceView } from './presence.ts';
import type { ClientSurroundings } from './surroundings.ts';

const nothing: Said = { structs: [], deleted: [] };

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

export class NativeDocument {
  readonly name: string;
  readonly channel: number;
  readonly doc: Y.Doc;
  readonly content: SyncedContent;
  readonly presence: PresenceView;
  readonly #bytes: Content;
  readonly #onDevice: KeptOnDevice | undefined;
  readonly #tab: TabMember | undefined;
  readonly #otherTabs: OtherTabs;
  /** By tab that is there, what it has told of what it typed: it keeps that and sends it. */
  readonly #told = new Map<string, Said[]>();
  readonly #local: LocalDocument | undefined;
  #isClosed = false;
  readonly #owner: string;
  readonly #connection: Connection;
  readonly #surroundings: ClientSurroundings;
  readonly #onUpdate: (update: Uint8Array, origin: unknown, doc: Y.Doc, transaction: Y.Transaction) => void;
  /** Typed here, and not seen on the disk yet. */
  #typed: Said[] = [];
  /** What the disk had when the document was opened on this connection. */
  #before: Said = nothing;
  #phase = 'detached';
  #agreement = 'unknown';
  #epoch = '';
  #losses = 0;
  /** Of which past of the disk it can know, having caught up since; and will, when it has. */
  #pastKnown: object;
  #pastAtOpen: object;

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
    this.#pastKnown = this.#pastAtOpen = surroundings.truth.past;
    // Before the content hears of it: what is typed is known when its status is looked at.
    this.#onUpdate = (update, _origin, _doc, { local }) => {
      surroundings.authors.made(doc.clientID, Y.getState(doc.store, doc.clientID));
      if (local) this.#typed.push(readUpdate(update));
    };
    doc.on('update', this.#onUpdate);
    if (doc.store.clients.size > 0) this.#typed.push(ownPart(doc));
    this.#bytes = yjsContent(doc);
    const subject = { channel, document: name, content: this.#bytes, incarnation };
    this.content = new SyncedContent(subject, connection, {
      changed: () => this.changed(),
      edited: (updates) => this.#edited(updates),
      received: (updates) => this.#local?.received(updates),
      presence: (entries) => this.presence.heard(entries),
      presenceLost: () => this.presence.forget(),
    });
    this.presence = new PresenceView(doc.clientID, (entry) => this.content.sayPresence([entry]));
    this.#onDevice = onDevice;
    this.#tab = tab;
    this.#local = onDevice && this.#localOn(onDevice);
    this.#otherTabs = new OtherTabs({
      engine: this.#bytes.engine,
      synced: this.content,
      local: this.#local,
    });
    if (onDevice && this.#local) void this.#load(onDevice, this.#local);
    else connection.add(this.content);
  }

  /** Looks at the status as an application would. */
  changed(): void {
    this.#local?.heard();
    const { uploads, downloads } = this.#status;
    const { state } = this.content;
    try {
      if (uploads.isSaved) this.#expectTypedStored();
      this.#follow(state.phase.phase);
      if (downloads.state === 'refused')
        expectThat(this.isDeleted || downloads.error.retry !== 'never', () => String(downloads.error));
    } catch (error) {
      this.#surroundings.fail(error);
    }
    if (state.agreement !== this.#agreement) {
      this.#agreement = state.agreement;
      if (state.agreement === 'differed') this.#surroundings.paths.saw('digest differed');
      if (state.agreement === 'agreed') this.#surroundings.paths.saw('digest agreed');
    }
  }

  /** O2: what is in the document now is on the disk once this resolves, whatever happens in between. */
  save(): void {
    const wanted: Said[] = [{ structs: this.#own(), deleted: [] }, ...this.#typed];
    const losses = this.#losses;
    this.content.saved({ tier: 'stored' }).then(
      () => {
        this.#surroundings.trace.note(`${this.#owner} has saved ${this.name}`);
        if (losses < this.#losses) this.#surroundings.paths.saw('saved after a loss');
        try {
          if (this.#knowsTheDisk) this.#expectStored(wanted, 'O2: saved() has resolved');
        } catch (error) {
          this.#surroundings.fail(error);
        }
      },
      // It was closed before.
      () => {},
    );
  }

  /** O16. */
  saveHere(): void {
    const { trace, paths } = this.#surroundings;
    const wanted: Said = { structs: this.#own(), deleted: [] };
    this.#local?.saved().then(
      () => {
        paths.saw('kept on the device');
        trace.note(`${this.#owner} has kept ${this.name}`);
        this.#onDevice!.device.promised(this.name).push(wanted);
        this.#expectKept();
      },
      () => paths.saw('device without room'),
    );
  }

  /** Something was typed in another tab. */
  heardFrom(tab: string, edit: TabEdit): void {
    void this.#otherTabs.heard(tab, edit).then((isTakenIn) => {
      if (!isTakenIn || this.#isClosed) return;
      this.#surroundings.paths.saw('edit told by another tab');
      this.#told.set(tab, [...(this.#told.get(tab) ?? []), ...edit.updates.map(readUpdate)]);
    });
  }

  /** What it has told is this one's to send, as far as it is shown: saved means that, too, from now on. */
  leftBy(tab: string): void {
    if (this.#otherTabs.left(tab)) this.#surroundings.paths.saw('inherited from a tab');
    const told = this.#told.get(tab) ?? [];
    this.#told.delete(tab);
    const here = clocksOf([readDocument(this.doc)]);
    this.#typed.push(...told.filter((said) => here.lacks(said) === undefined));
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
    this.#local?.close();
    this.doc.off('update', this.#onUpdate);
  }

  #edited(updates: readonly Uint8Array[]): void {
    this.#local?.edited(updates);
    const { engine } = this.#bytes;
    const { incarnation } = this.content;
    this.#tab?.tell({ document: this.name, engine, incarnation, updates });
  }

  #localOn({ keeper }: KeptOnDevice): LocalDocument {
    const { name, content } = this;
    const { platform } = this.#connection;
    const tab = `${this.#owner} ${content.channel}`;
    const changed = (): void => this.changed();
    return new LocalDocument({
      name,
      content: this.#bytes,
      synced: content,
      keeper,
      platform,
      tab,
      changed,
    });
  }

  async #load({ device }: KeptOnDevice, local: LocalDocument): Promise<void> {
    const { name, content } = this;
    // Another tab may be told of more while this one reads.
    const promised = [...device.promised(name)];
    this.#connection.start();
    await local.load();
    if (this.#isClosed || local.status.state !== 'kept') {
      // The device has troubles of its own: the document goes on without it.
      if (!this.#isClosed) this.#connection.add(content);
      return;
    }
    const here = readDocument(this.doc);
    if (here.structs.length > 0) this.#surroundings.paths.saw('reopened from the device');
    this.#expectHolds(promised, clocksOf([here]), 'when it is opened again');
    if (device.kept(name)?.unsaved.length) this.#surroundings.paths.saw('reopened with what was not saved');
    // Whatever is called saved from now on, this is meant; what has become of the disk since is known when it has been heard.
    this.#pastKnown = {};
    this.#typed.push({ structs: here.structs, deleted: [] });
    this.#connection.add(content);
  }

  /** What is in the document, without what others have told who are there. */
  #own(): number[] {
    const theirs = new Set<number>();
    for (const said of [...this.#told.values()].flat())
      for (let at = 0; at < said.structs.length; at += 3) theirs.add(said.structs[at]!);
    const { structs } = readDocument(this.doc);
    return structs.filter((_, at) => !theirs.has(structs[at - (at % 3)]!));
  }

  #expectKept(): void {
    const { device } = this.#onDevice!;
    const promised = device.promised(this.name);
    const kept = clocksOf((device.kept(this.name)?.updates ?? []).map(readUpdate));
    this.#expectHolds(promised, kept, 'on the device');
  }

  #expectHolds(promised: readonly Said[], held: Clocks, where: string): void {
    try {
      for (const { structs } of promised) {
        const lacking = held.structs.missing(structs);
        expectThat(
          lacking === undefined,
          () =>
            `O16: ${lacking!.join(':')} in ${this.name} of ${this.#owner} was kept and is not there ${where}`,
        );
      }
    } catch (error) {
      this.#surroundings.fail(error);
    }
  }

  get #status(): DocumentStatus {
    const { state: channel, isChanging, awaited } = this.content;
    const local = this.#local?.status ?? { state: 'memory' };
    return statusOf(this.#connection.state, channel, { isChanging, awaited, local });
  }

  /** A disk that was put back has lost what it acknowledged; a client cannot know before it is connected again. */
  get #knowsTheDisk(): boolean {
    return this.#pastKnown === this.#surroundings.truth.past;
  }

  #follow(phase: string): void {
    const before = this.#phase;
    this.#phase = phase;
    if (phase === before) return;
    const { truth, paths, trace, hasUntold } = this.#surroundings;
    trace.note(`${this.#owner} ${this.name}: ${before} -> ${phase}`);
    if (phase === 'detached') this.#losses++;
    if (phase === 'postponed') paths.saw('document refused for a while');
    if (phase === 'opening') {
      this.presence.forget();
      this.#pastAtOpen = truth.past;
      // What the server does not know of it cannot tell.
      this.#before = hasUntold() ? nothing : truth.shown(this.name);
    }
    if (phase !== 'live') return;
    this.#pastKnown = this.#pastAtOpen;
    const epoch = this.content.state.server!.epoch.join();
    if (before === 'opening') {
      paths.saw('resume accepted');
      if (epoch !== this.#epoch) paths.saw('resume into another epoch');
    }
    this.#epoch = epoch;
    const lacking = lackingIn(this.doc, this.#before);
    expectThat(lacking === undefined, () => `O7: ${this.#owner} calls ${this.name} current and ${lacking}`);
  }

  #expectTypedStored(): void {
    if (this.#typed.length === 0 || !this.#knowsTheDisk) return;
    this.#expectStored(this.#typed, 'O7: it is said to be saved');
    this.#typed = [];
  }

  #expectStored(wanted: readonly Said[], when: string): void {
    const { truth } = this.#surroundings;
    for (const said of wanted) {
      const lacking = truth.lacks(said);
      expectThat(
        lacking === undefined,
        () => `${when}, but ${lacking} in ${this.name} of ${this.#owner} is not on the disk`,
      );
    }
  }
}
