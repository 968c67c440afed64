// Who can reach whom: makes links between clients and the one server, and makes them slow, half-open or cut.
import type { Socket, SocketListener } from '@syncline/client/sync/platform.ts';
import type { SeededRandom } from '../../support/random.ts';
import { Direction, type Packet, type Quality } from './link.ts';
import type { Schedule } from './schedule.ts';
import type { ServerSocket } from './server-socket.ts';

/** The side that lets in. */
export interface Door {
  /** Undefined when nobody is let in. */
  accept(path: string, from: string): ServerSocket | undefined;
}

export class Network {
  readonly schedule: Schedule;
  readonly random: SeededRandom;
  readonly #links = new Set<Link>();
  /** Those who cannot reach this machine, though they may reach others. */
  readonly #cutOff = new Set<Station>();
  door: Door | undefined;

  constructor(schedule: Schedule, random: SeededRandom) {
    this.schedule = schedule;
    this.random = random;
  }

  get links(): readonly Link[] {
    return [...this.#links];
  }

  /** How a link is when it is made. */
  quality(): Quality {
    const { random } = this;
    const delayMs = random.pick([1, 5, 20, 80, 300]);
    return { delayMs, jitterMs: random.below(delayMs + 1), bytesPerMs: undefined, weight: 1 };
  }

  /** Somebody cannot reach this machine any more, or can again. */
  cutOff(station: Station, isCutOff: boolean): void {
    if (!isCutOff) return void this.#cutOff.delete(station);
    this.#cutOff.add(station);
    for (const link of this.links) {
      if (link.from !== station) continue;
      if (this.random.oneIn(2)) link.cut();
      else link.halve();
    }
  }

  /** Everybody can reach it. */
  heal(): void {
    this.#cutOff.clear();
  }

  connect(from: Station, path: string, listener: SocketListener): Link {
    const link = new Link(this, from, listener, () => this.#links.delete(link));
    this.#links.add(link);
    this.schedule.after(connectWithinMs, () => link.giveUp());
    this.schedule.after(link.up.quality.delayMs * 2, () => {
      const isUnreachable = from.isOffline || this.#cutOff.has(from);
      if (isUnreachable && this.random.oneIn(2)) return;
      const server = isUnreachable ? undefined : this.door?.accept(path, from.name);
      if (server) link.open(server);
      else link.cut();
    });
    return link;
  }
}

/** Where links begin. */
export interface Station {
  readonly name: string;
  /** A client without a network cannot reach anybody, and may not be told. */
  readonly isOffline: boolean;
}

type LinkState = 'connecting' | 'open' | 'closing' | 'closed';

export class Link implements Socket {
  readonly from: Station;
  readonly up: Direction;
  readonly down: Direction;
  readonly #network: Network;
  readonly #listener: SocketListener;
  readonly #onGone: () => void;
  #server: ServerSocket | undefined;
  #state: LinkState = 'connecting';

  constructor(network: Network, from: Station, listener: SocketListener, onGone: () => void) {
    this.#network = network;
    this.from = from;
    this.#listener = listener;
    this.#onGone = onGone;
    const quality = network.quality();
    this.up = new Direction(network, quality, {
      deliver: (packets) => this.#server?.receive(packets),
      drained: () => {},
    });
    this.down = new Direction(network, quality, {
      deliver: (packets) => packets.forEach((packet) => this.#hear(packet)),
      drained: () => this.#server?.drained(),
    });
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get server(): ServerSocket | undefined {
    return this.#server;
  }

  open(server: ServerSocket): void {
    // The client may have given up meanwhile.
    if (this.#state !== 'connecting') return server.cut();
    this.#server = server;
    server.attach(this.down);
    this.#network.schedule.after(this.down.quality.delayMs, () => {
      if (!this.down.isDead) this.#opened();
    });
  }

  send(frame: Uint8Array): void {
    if (this.#state === 'open') this.up.send({ kind: 'frame', bytes: frame.slice() });
  }

  close(): void {
    if (this.#state === 'closed' || this.#state === 'closing') return;
    if (!this.#server) return this.cut();
    this.#state = 'closing';
    this.up.send({ kind: 'close', code: 1000, reason: '' });
    // Whether or not the other side answers.
    this.#network.schedule.after(closeWithinMs, () => this.cut());
  }

  /** Both sides hear that it is over. */
  cut(): void {
    this.halve();
    this.#server?.cut();
    this.#over(1006, '');
  }

  /** A socket that cannot be opened is told so in the end. */
  giveUp(): void {
    if (this.#state === 'connecting') this.cut();
  }

  /** Neither side hears anything any more. */
  halve(): void {
    this.up.isDead = true;
    this.down.isDead = true;
  }

  #opened(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'open';
    this.#listener.opened();
  }

  #hear(packet: Packet): void {
    // What the server says at once comes behind its answer to the upgrade.
    this.#opened();
    if (this.#state === 'closed') return;
    if (packet.kind === 'frame') {
      if (this.#state === 'open') this.#listener.received(packet.bytes);
    } else if (packet.kind === 'ping') this.up.send({ kind: 'pong' });
    else if (packet.kind === 'close') {
      if (this.#state === 'open') this.up.send(packet);
      this.#over(packet.code, packet.reason);
    }
  }

  #over(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#onGone();
    this.#listener.closed(code, reason);
  }
}

/** As long as a system waits for an answer to its first packets. */
const connectWithinMs = 20_000;
/** A peer that does not answer a close is not waited for longer. */
const closeWithinMs = 3_000;
