// A user of the client SDK: the shipped connection and documents on a simulated platform, with several documents that are
// opened, edited, saved and closed.
import { Keeper } from '@syncline/client/local/keeper.ts';
import { Connection } from '@syncline/client/sync/connection.ts';
import {
  connectingBy,
  type Platform,
  type Socket,
  type SocketListener,
} from '@syncline/client/sync/platform.ts';
import { Member } from '@syncline/client/tabs/member.ts';
import * as Y from 'yjs';
import { Life } from '../world/schedule.ts';
import { nativePath } from '../world/server-process.ts';
import { contentOf, edit, paste } from './editing.ts';
import { Hearing } from './hearing.ts';
import type { Device } from '../world/device.ts';
import type { Origin, Page } from '../world/origin.ts';
import { type Kept, NativeDocument } from './native-document.ts';
import { renewMs } from './presence.ts';
import type { ClientSurroundings, SimulatedClient } from './surroundings.ts';

const maxOfflineMs = 10_000;

export interface NativeClientSettings {
  readonly name: string;
  readonly names: readonly string[];
  readonly device?: Device | undefined;
  /** Where it is one of several tabs. */
  readonly origin?: Origin | undefined;
}

export class NativeClient implements SimulatedClient {
  readonly name: string;
  isOffline = false;
  readonly #names: readonly string[];
  readonly #surroundings: ClientSurroundings;
  readonly #open = new Map<string, NativeDocument>();
  /** Documents that were closed, as an app keeps them. */
  readonly #kept = new Map<string, Kept>();
  readonly #onOnline = new Set<() => void>();
  /** Where its documents are kept, if they are: what is there outlives the client's process. */
  readonly #device: Device | undefined;
  readonly #origin: Origin | undefined;
  #keeper: Keeper | undefined;
  #page: Page | undefined;
  #tab: Member | undefined;
  /** Whether it has had a connection through another tab. */
  #hasFollowed = false;
  #life: Life;
  #connection: Connection;
  #nextChannel = 1;

  constructor({ name, names, device, origin }: NativeClientSettings, surroundings: ClientSurroundings) {
    this.name = name;
    this.#names = names;
    this.#device = device;
    this.#origin = origin;
    this.#surroundings = surroundings;
    this.#life = new Life(surroundings.schedule);
    this.#connection = this.#start();
  }

  /** The documents that are open. */
  get documents(): Iterable<NativeDocument> {
    return this.#open.values();
  }

  /** Whether something that it has sent is not acknowledged. */
  get hasUnacknowledged(): boolean {
    if (this.#connection.state.state !== 'connected') return false;
    return [...this.#open.values()].some(({ content }) => content.state.pending.length > 0);
  }

  /** Whether it is a tab that was closed. */
  get isGone(): boolean {
    return this.#life.isOver;
  }

  act(): void {
    if (!this.#life.isAwake) return;
    const { random, paths } = this.#surroundings;
    const name = random.pick(this.#names);
    const document = this.#open.get(name);
    if (!document) return this.#openOne(name);
    if (document.isDeleted) return this.#drop(document);
    const kind = random.below(200);
    if (kind < 144) {
      if (this.#connection.state.state !== 'connected') paths.saw('typed offline');
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
    this.#life.whenAwake(() => {
      for (const document of this.#open.values()) if (document.isDeleted) this.#drop(document);
      for (const name of this.#names) if (!this.#open.has(name)) this.#openOne(name);
    });
  }

  whyNotSettled(isThere: (name: string) => boolean): string | undefined {
    for (const document of this.#open.values()) {
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
    return Array.from(this.#open.values(), ({ name, doc }) => [name, contentOf(doc)]);
  }

  appear(isPresent: boolean): void {
    for (const { presence } of this.#open.values()) {
      if (isPresent) presence.appear();
      else presence.leave();
    }
  }

  others(name: string): number[] {
    return this.#open.get(name)?.presence.others ?? [];
  }

  close(): void {
    for (const document of this.#open.values()) document.close();
    this.#open.clear();
    void this.#connection.close();
    this.#tab?.leave();
  }

  /** Nothing of it runs for so long, as in a page that hangs; or that is set aside for the way back, which it is told before. */
  freeze(forMs: number, { isSetAside }: { isSetAside: boolean }): void {
    const { trace, paths } = this.#surroundings;
    trace.note(`${this.name} is ${isSetAside ? 'set aside' : 'frozen'} for ${forMs} ms`);
    if (this.#tab?.role === 'leader' && !isSetAside) paths.saw('leader frozen');
    if (isSetAside) this.#page?.setAside();
    this.#life.pause(forMs);
    if (isSetAside) this.#life.whenAwake(() => this.#page?.bringBack());
  }

  vanish(): void {
    this.#life.end();
    this.#page?.gone();
    this.#loseLinks();
    for (const { doc } of this.#open.values()) doc.destroy();
    this.#open.clear();
    this.#kept.clear();
    this.#onOnline.clear();
  }

  #start(): Connection {
    const life = this.#life;
    const { paths } = this.#surroundings;
    life.every(renewMs, () => {
      for (const { presence } of this.#open.values()) presence.renew();
    });
    const platform = this.#platform(life);
    this.#keeper = this.#device && new Keeper(this.#device.openFor(life), platform, { changed: () => {} });
    const tab = (this.#tab = this.#join(platform));
    const linked = connectingBy(platform, (url, listener) => this.#connect(tab ?? platform, url, listener));
    const connection = new Connection({ url: nativePath }, linked, () => {
      if (life.isOver) return;
      const { state } = connection;
      if (state.state === 'connected') this.#hasFollowed ||= tab?.role === 'follower';
      if (state.state === 'waiting' && state.reason === 'silent')
        paths.saw('half-open link found by the client');
      for (const document of this.#open.values()) document.changed();
    });
    return connection;
  }

  #platform(life: Life): Platform {
    const { network, random, fail } = this.#surroundings;
    return {
      now: () => life.now(),
      epochMs: () => life.now(),
      after: (delayMs, action) => {
        const timer = life.after(delayMs, action);
        return () => timer.cancel();
      },
      fraction: () => random.below(1_000) / 1_000,
      connect: (url, listener) =>
        network.connect(this, url, {
          opened: () => life.whenAwake(() => listener.opened()),
          received: (frame) => life.whenAwake(() => listener.received(frame)),
          closed: (code, reason) => life.whenAwake(() => listener.closed(code, reason)),
        }),
      onOnline: (action) => {
        const online = (): void => life.whenAwake(action);
        this.#onOnline.add(online);
        return () => this.#onOnline.delete(online);
      },
      report: fail,
    };
  }

  /** Each tab hears of its own channels, whoever has the socket. */
  #connect(by: Pick<Platform, 'connect'>, url: string, listener: SocketListener): Socket {
    const hearing = new Hearing((channel, incarnation) => this.#heard(channel, incarnation));
    return by.connect(url, {
      opened: () => listener.opened(),
      received: (frame) => {
        hearing.received(frame);
        listener.received(frame);
      },
      closed: (code, reason) => listener.closed(code, reason),
    });
  }

  #join(platform: Platform): Member | undefined {
    if (!this.#origin) return undefined;
    const life = this.#life;
    this.#page = this.#origin.load((action) => life.whenAwake(action));
    this.#hasFollowed = false;
    return new Member({
      scope: 'app',
      platform,
      surroundings: this.#page.surroundings,
      listener: {
        roleChanged: () => this.#roleChanged(),
        edited: (typed, tab) => this.#open.get(typed.document)?.heardFrom(tab, typed),
        left: (tab) => {
          for (const document of this.#open.values()) document.leftBy(tab);
        },
      },
    });
  }

  #roleChanged(): void {
    const { paths, trace } = this.#surroundings;
    const { role } = this.#tab!;
    trace.note(`${this.name} is ${role}`);
    if (role === 'leader') paths.saw(this.#hasFollowed ? 'tab took over' : 'tab led');
    this.#connection.retry();
  }

  #heard(channel: number, incarnation: number): void {
    for (const document of this.#open.values())
      if (document.channel === channel) this.#surroundings.authors.heard(document.doc.clientID, incarnation);
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
    const about = {
      name,
      channel: this.#nextChannel++,
      kept,
      owner: this.name,
      onDevice: this.#device && this.#keeper && { device: this.#device, keeper: this.#keeper },
      tab: this.#tab,
    };
    this.#open.set(name, new NativeDocument(about, this.#connection, this.#surroundings));
  }

  #close(document: NativeDocument): void {
    const { random, trace } = this.#surroundings;
    // It stays until it is saved: other tabs do not send what was typed in one that is there.
    if (this.#tab && !document.isSaved) return;
    trace.note(`${this.name} closes ${document.name}`);
    document.close();
    this.#open.delete(document.name);
    if (!this.#device && !random.oneIn(3)) this.#kept.set(document.name, document.kept);
  }

  #save(document: NativeDocument): void {
    document.save();
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
    this.#open.delete(document.name);
  }

  /** The process ends, and another begins with nothing. */
  startAnew(): void {
    this.#surroundings.trace.note(`${this.name} starts anew`);
    if (!this.isGone) this.vanish();
    this.#life = new Life(this.#surroundings.schedule);
    this.#connection = this.#start();
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
