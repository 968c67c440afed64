// A user of the client SDK: the shipped connection and documents on a simulated platform, with several documents that are
// opened, edited, saved and closed.
import * as Y from 'yjs';
import type { Device } from '../world/device.ts';
import type { Origin } from '../world/origin.ts';
import { nativePath } from '../world/server-process.ts';
import { contentOf, edit, paste } from './editing.ts';
import type { Login } from './login.ts';
import type { Kept, NativeDocument } from './native-document.ts';
import { NativeProcess } from './native-process.ts';
import type { ClientSurroundings, SimulatedClient } from './surroundings.ts';

const maxOfflineMs = 10_000;

export interface NativeClientSettings {
  readonly name: string;
  readonly names: readonly string[];
  readonly device?: Device | undefined;
  /** Where it is one of several tabs. */
  readonly origin?: Origin | undefined;
  /** Of several replicas, where it knows of them. */
  readonly urls?: readonly string[];
  /** Where a server wants to know who it is. */
  readonly login?: Login | undefined;
}

export class NativeClient implements SimulatedClient {
  readonly name: string;
  isOffline = false;
  readonly #names: readonly string[];
  readonly #surroundings: ClientSurroundings;
  /** Documents that were closed, as an app keeps them. */
  readonly #kept = new Map<string, Kept>();
  readonly #onOnline = new Set<() => void>();
  /** Where its documents are kept, if they are: what is there outlives the client's process. */
  readonly #device: Device | undefined;
  readonly #origin: Origin | undefined;
  readonly #urls: readonly string[];
  readonly #login: Login | undefined;
  #process: NativeProcess;
  #nextChannel = 1;

  constructor(
    { name, names, device, origin, login, urls = [nativePath] }: NativeClientSettings,
    surroundings: ClientSurroundings,
  ) {
    this.name = name;
    this.#names = names;
    this.#device = device;
    this.#origin = origin;
    this.#urls = urls;
    this.#login = login;
    this.#surroundings = surroundings;
    this.#process = this.#start();
  }

  /** The documents that are open. */
  get documents(): Iterable<NativeDocument> {
    return this.#process.open.values();
  }

  /** Whether something that it has sent is not acknowledged. */
  get hasUnacknowledged(): boolean {
    if (this.#process.connection.state.state !== 'connected') return false;
    return [...this.#process.open.values()].some(({ content }) => content.state.pending.length > 0);
  }

  /** Whether it is a tab that was closed. */
  get isGone(): boolean {
    return this.#process.life.isOver;
  }

  act(): void {
    if (!this.#process.life.isAwake || this.#login?.act(this.#process.connection, this.#process.life)) return;
    const { random, paths } = this.#surroundings;
    const name = random.pick(this.#names);
    const document = this.#process.open.get(name);
    if (!document) return this.#openOne(name);
    if (document.isDeleted) return this.#drop(document);
    const kind = random.below(200);
    if (kind < 144) {
      const { state } = this.#process.connection.state;
      if (state === 'needs-token') paths.saw('typed without a token');
      else if (state !== 'connected') paths.saw('typed offline');
      edit(document.doc, random);
    } else if (kind < 146) {
      paths.saw('large update');
      paste(document.doc, random);
    } else if (kind < 166) this.#save(document);
    else if (kind < 176) document.presence.appear();
    else if (kind < 178) document.presence.leave();
    else if (kind < 188) this.#close(document);
    else if (kind < 190) this.startAnew();
    else if (kind < 192 && this.#device) this.#trouble(this.#device);
    else if (kind < 194) this.goOffline(random.below(maxOfflineMs));
    else {
      edit(document.doc, random);
      document.save();
    }
  }

  goOffline(forMs: number): void {
    const { schedule, trace } = this.#surroundings;
    trace.note(`${this.name} goes offline`);
    this.isOffline = true;
    schedule.after(forMs, () => this.online());
    this.#loseLinks();
  }

  online(): void {
    if (!this.isOffline) return;
    this.isOffline = false;
    for (const action of this.#onOnline) action();
  }

  heal(): void {
    this.online();
    if (this.#device) this.#device.trouble = undefined;
    this.#process.life.whenAwake(() => {
      for (const document of this.#process.open.values()) if (document.isDeleted) this.#drop(document);
      for (const name of this.#names) if (!this.#process.open.has(name)) this.#openOne(name);
      this.#login?.heal(this.#process.connection, this.#process.life);
    });
  }

  whyNotSettled(isThere: (name: string) => boolean): string | undefined {
    for (const document of this.#process.open.values()) {
      if (!isThere(document.name)) {
        if (document.isDeleted) continue;
        return `${this.name} has not heard that ${document.name} is deleted`;
      }
      const why = document.whyNotSettled();
      if (why !== undefined) return `${this.name} ${document.name} ${why}`;
    }
    return undefined;
  }

  contents(): [name: string, content: string][] {
    return Array.from(this.#process.open.values(), ({ name, doc }) => [name, contentOf(doc)]);
  }

  appear(isPresent: boolean): void {
    for (const { presence } of this.#process.open.values()) {
      if (isPresent) presence.appear();
      else presence.leave();
    }
  }

  others(name: string): number[] {
    return this.#process.open.get(name)?.presence.others ?? [];
  }

  close(): void {
    this.#process.close();
  }

  /** Where it is a tab: as `Tab.freeze`. */
  freeze(forMs: number, how: { isSetAside: boolean }): void {
    const { trace } = this.#surroundings;
    trace.note(`${this.name} is ${how.isSetAside ? 'set aside' : 'frozen'} for ${forMs} ms`);
    this.#process.tab?.freeze(forMs, how);
  }

  vanish(): void {
    this.#process.end();
    this.#loseLinks();
    for (const { doc } of this.#process.open.values()) doc.destroy();
    this.#process.open.clear();
    this.#kept.clear();
    this.#onOnline.clear();
  }

  /** The process ends, and another begins with nothing. */
  startAnew(): void {
    this.#surroundings.trace.note(`${this.name} starts anew`);
    if (!this.isGone) this.vanish();
    this.#process = this.#start();
  }

  #start(): NativeProcess {
    const settings = {
      station: this,
      urls: this.#urls,
      device: this.#device,
      origin: this.#origin,
      login: this.#login,
      onOnline: this.#onOnline,
    };
    return new NativeProcess(settings, this.#surroundings);
  }

  #openOne(name: string): void {
    const { paths, trace, newClientId } = this.#surroundings;
    let kept = this.#kept.get(name);
    if (kept) {
      this.#kept.delete(name);
      if (kept.doc.store.clients.size > 0) paths.saw('reopened with what it held');
    } else {
      kept = { doc: new Y.Doc(), incarnation: 0 };
      kept.doc.clientID = newClientId();
    }
    trace.note(`${this.name} opens ${name} as ${kept.doc.clientID}`);
    this.#process.openOne({ name, channel: this.#nextChannel++, kept });
  }

  #close(document: NativeDocument): void {
    const { random, trace } = this.#surroundings;
    // It stays until it is saved: other tabs do not send what was typed in one that is there.
    if (this.#process.tab && !document.isSaved) return;
    trace.note(`${this.name} closes ${document.name}`);
    document.close();
    this.#process.open.delete(document.name);
    if (!this.#device && !random.oneIn(3)) this.#kept.set(document.name, document.kept);
  }

  #save(document: NativeDocument): void {
    const { random, holders } = this.#surroundings;
    document.save(holders && random.oneIn(2) ? 2 : 1);
    if (this.#device) document.saveHere();
  }

  /** There is no room for anything, or the store was closed from outside; or that is over. */
  #trouble(device: Device): void {
    const { random, trace } = this.#surroundings;
    device.trouble = device.trouble ? undefined : random.pick(['full', 'closed'] as const);
    trace.note(`the device of ${this.name} is ${device.trouble ?? 'well'}`);
  }

  /** The document has been deleted, and with it what was made of it here. */
  #drop(document: NativeDocument): void {
    this.#surroundings.trace.note(`${this.name} drops ${document.name}`);
    document.close();
    document.doc.destroy();
    this.#process.open.delete(document.name);
  }

  #loseLinks(): void {
    const { network, random } = this.#surroundings;
    for (const link of network.links) {
      if (link.from !== this) continue;
      if (random.oneIn(2)) link.cut();
      else link.halve();
    }
  }
}
