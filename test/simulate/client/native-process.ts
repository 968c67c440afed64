// One life of a simulated client's process, or of its page: the shipped connection on a simulated platform, what it keeps on its device,
// its part among tabs, and the documents that are open in it.
import { Keeper } from '@syncline/client/local/keeper.ts';
import type { TabEdit } from '@syncline/client/local/tabs.ts';
import { Connection } from '@syncline/client/sync/connection.ts';
import type { ConnectionState } from '@syncline/client/sync/connection-state.ts';
import { connectingBy, type Platform } from '@syncline/client/sync/platform.ts';
import { down } from '@syncline/shared/wire/messages.ts';
import type { Device } from '../world/device.ts';
import type { Station } from '../world/network.ts';
import type { Origin } from '../world/origin.ts';
import { Life } from '../world/schedule.ts';
import { clientPlatform } from './client-platform.ts';
import { Hearing } from './hearing.ts';
import { type Login, NoToken } from './login.ts';
import { type Kept, NativeDocument } from './native-document.ts';
import { connectOverheard } from './overheard.ts';
import { renewMs } from './presence.ts';
import type { ClientSurroundings } from './surroundings.ts';
import { Tab } from './tab.ts';

interface ProcessSettings {
  readonly station: Station;
  readonly urls: readonly string[];
  readonly device: Device | undefined;
  readonly origin: Origin | undefined;
  readonly login: Login | undefined;
  /** What is to be called whenever there is a network again. */
  readonly onOnline: Set<() => void>;
}

/** A document to be opened, under a number that its client has not used. */
interface Opening {
  readonly name: string;
  readonly channel: number;
  readonly kept: Kept;
}

export class NativeProcess {
  readonly life: Life;
  readonly connection: Connection;
  readonly tab: Tab | undefined;
  readonly open = new Map<string, NativeDocument>();
  readonly #keeper: Keeper | undefined;
  readonly #settings: ProcessSettings;
  readonly #surroundings: ClientSurroundings;

  constructor(settings: ProcessSettings, surroundings: ClientSurroundings) {
    const { station, urls, device, origin, login, onOnline } = (this.#settings = settings);
    this.#surroundings = surroundings;
    const life = (this.life = new Life(surroundings.schedule));
    life.every(renewMs, () => {
      for (const { presence } of this.open.values()) presence.renew();
    });
    const report = (error: unknown): void => this.#reported(error);
    const platform = clientPlatform({ station, life, onOnline, report }, surroundings);
    this.#keeper = device && new Keeper(device.openFor(life), platform, { changed: () => {} });
    this.tab = origin && this.#tabOf(origin, platform);
    // Each tab hears of its own channels, whoever has the socket.
    const connect = connectOverheard(this.tab?.member ?? platform, () => [
      new Hearing((channel, incarnation) => this.#heard(channel, incarnation)),
      ...(login ? [login] : []),
      { received: (frame) => this.#welcomedBy(frame) },
    ]);
    const options = { url: urls, token: login?.begin(life) };
    this.connection = new Connection(options, connectingBy(platform, connect), () => {
      if (!life.isOver) this.#changed(this.connection.state);
    });
  }

  openOne({ name, channel, kept }: Opening): void {
    const { device, station } = this.#settings;
    const about = {
      name,
      channel,
      kept,
      owner: station.name,
      onDevice: device && this.#keeper && { device, keeper: this.#keeper },
      tab: this.tab?.member,
    };
    this.open.set(name, new NativeDocument(about, this.connection, this.#surroundings));
  }

  /** Its user leaves it. */
  close(): void {
    for (const document of this.open.values()) document.close();
    this.open.clear();
    void this.connection.close();
    this.tab?.close();
  }

  /** It ends on the spot, while its sockets may seem to be there. */
  end(): void {
    this.life.end();
    this.tab?.vanish();
  }

  #tabOf(origin: Origin, platform: Platform): Tab {
    const listener = {
      roleChanged: () => this.connection.retry(),
      edited: (typed: TabEdit, tab: string) => this.open.get(typed.document)?.heardFrom(tab, typed),
      left: (tab: string) => {
        for (const document of this.open.values()) document.leftBy(tab);
      },
    };
    const { name } = this.#settings.station;
    return new Tab({ name, origin, life: this.life, platform, listener }, this.#surroundings);
  }

  #changed(state: ConnectionState): void {
    const { paths } = this.#surroundings;
    if (state.state === 'connected') this.tab?.connected();
    if (state.state === 'waiting' && state.reason === 'silent')
      paths.saw('half-open link found by the client');
    this.#settings.login?.changed(this.connection, this.life);
    for (const document of this.open.values()) document.changed();
  }

  #welcomedBy([type]: Uint8Array): void {
    if (type === down.welcome.type) this.#surroundings.welcomed?.();
  }

  #heard(channel: number, incarnation: number): void {
    for (const document of this.open.values())
      if (document.channel === channel) this.#surroundings.authors.heard(document.doc.clientID, incarnation);
  }

  #reported(error: unknown): void {
    const { paths, fail } = this.#surroundings;
    if (error instanceof NoToken) paths.saw('token function failed');
    else fail(error);
  }
}
