// A user of the client SDK: the shipped connection and documents on a simulated platform, with several documents that are
// opened, edited, saved and closed.
import { Keeper } from '@syncline/client/local/keeper.ts';
import { Connection } from '@syncline/client/sync/connection.ts';
import type { Platform } from '@syncline/client/sync/platform.ts';
import * as Y from 'yjs';
import { Life } from '../world/schedule.ts';
import { nativePath } from '../world/server-process.ts';
import { contentOf, edit, paste } from './editing.ts';
import { Hearing } from './hearing.ts';
import type { Said } from '../oracle/clocks.ts';
import type { Device } from '../world/device.ts';
import { type Kept, type KeptOnDevice, NativeDocument } from './native-document.ts';
import { renewMs } from './presence.ts';
import type { ClientSurroundings, SimulatedClient } from './surroundings.ts';

const maxOfflineMs = 10_000;

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
  /** By document, what the device is said to keep. */
  readonly #promised = new Map<string, Said[]>();
  #keeper: Keeper | undefined;
  #life: Life;
  #connection: Connection;
  #nextChannel = 1;

  constructor(
    { name, names, device }: { name: string; names: readonly string[]; device?: Device | undefined },
    surroundings: ClientSurroundings,
  ) {
    this.name = name;
    this.#names = names;
    this.#device = device;
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

  act(): void {
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
    else if (kind < 190) this.#startAnew();
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
    for (const document of this.#open.values()) if (document.isDeleted) this.#drop(document);
    for (const name of this.#names) if (!this.#open.has(name)) this.#openOne(name);
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
  }

  vanish(): void {
    this.#life.end();
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
    this.#keeper = this.#device && new Keeper(this.#device.openFor(life), platform, () => {});
    const connection = new Connection({ url: nativePath }, platform, () => {
      if (life.isOver) return;
      const { state } = connection;
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
      connect: (url, listener) => {
        const hearing = new Hearing((channel, incarnation) => this.#heard(channel, incarnation));
        return network.connect(this, url, {
          opened: () => life.isOver || listener.opened(),
          received: (frame) => {
            if (life.isOver) return;
            hearing.received(frame);
            listener.received(frame);
          },
          closed: (code, reason) => life.isOver || listener.closed(code, reason),
        });
      },
      onOnline: (action) => {
        this.#onOnline.add(action);
        return () => this.#onOnline.delete(action);
      },
      report: fail,
    };
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
    const onDevice = this.#onDevice(name);
    const about = { name, channel: this.#nextChannel++, kept, owner: this.name, onDevice };
    this.#open.set(name, new NativeDocument(about, this.#connection, this.#surroundings));
  }

  #close(document: NativeDocument): void {
    const { random, trace } = this.#surroundings;
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

  #onDevice(name: string): KeptOnDevice | undefined {
    if (!this.#device || !this.#keeper) return undefined;
    let promised = this.#promised.get(name);
    if (!promised) this.#promised.set(name, (promised = []));
    return { device: this.#device, keeper: this.#keeper, promised };
  }

  /** The document has been deleted, and with it what was made of it here. */
  #drop(document: NativeDocument): void {
    this.#surroundings.trace.note(`${this.name} drops ${document.name}`);
    document.close();
    document.doc.destroy();
    this.#open.delete(document.name);
  }

  /** The process ends, and another begins with nothing. */
  #startAnew(): void {
    this.#surroundings.trace.note(`${this.name} starts anew`);
    this.vanish();
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
