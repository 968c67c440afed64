// The link between two replicas as a network has it: with latency and jitter drawn from a seed, cut, half-open, or open in one
// direction alone. Counts every byte that came through, in each direction.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { DelayLine } from './delay-line.ts';
import { SeededRandom } from './random.ts';

/** `there` is from whoever dials to whoever is dialed. */
export type Direction = 'there' | 'back';

export interface LinkProxySettings {
  /** Where what comes in is dialed; undefined while nobody listens there. */
  readonly port: () => number | undefined;
  readonly seed?: number;
  readonly latencyMs?: number;
  /** Up to so much more for each piece; order is kept. */
  readonly jitterMs?: number;
}

/** What is on its way in one direction, before the sender has to wait. */
const maxUnderWayBytes = 1024 * 1024;

export class LinkProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #settings: LinkProxySettings;
  readonly #random: SeededRandom;
  readonly #pairs = new Set<Pair>();
  readonly #swallowed = new Set<Direction>();
  readonly bytes: Record<Direction, number> = { there: 0, back: 0 };
  /** How many connections have been made through it. */
  connections = 0;
  #isCut = false;

  private constructor(settings: LinkProxySettings) {
    this.#settings = settings;
    this.#random = new SeededRandom(settings.seed ?? 1);
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#join(near));
  }

  static async open(settings: LinkProxySettings): Promise<LinkProxy> {
    const proxy = new LinkProxy(settings);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Both directions together. */
  get total(): number {
    return this.bytes.there + this.bytes.back;
  }

  /** Ends all connections, and lets nobody through until `heal`. */
  cut(): void {
    this.#isCut = true;
    this.drop();
  }

  /** Ends all connections that there are, without a word. */
  drop(): void {
    for (const pair of this.#pairs) pair.destroy();
  }

  /** What is sent in these directions goes nowhere from now on, and nobody is told. */
  swallow(...directions: readonly Direction[]): void {
    for (const direction of directions) this.#swallowed.add(direction);
  }

  /** New connections come through. One of which something was swallowed stays dead: that is for its two sides to find out. */
  heal(): void {
    this.#isCut = false;
    this.#swallowed.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.drop();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    const port = this.#settings.port();
    if (this.#isCut || port === undefined) return void near.destroy();
    this.connections++;
    const pair = new Pair(near, connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
    this.#pairs.add(pair);
    for (const socket of [pair.near, pair.far])
      socket.once('close', () => void (pair.isClosed && this.#pairs.delete(pair)));
    this.#carry('there', pair);
    this.#carry('back', pair);
  }

  #carry(direction: Direction, pair: Pair): void {
    const [from, to] = direction === 'there' ? [pair.near, pair.far] : [pair.far, pair.near];
    let isFull = false;
    const flow = (): void => void (isFull || to.writableNeedDrain ? from.pause() : from.resume());
    const line = new DelayLine(
      () => this.#delayMs(),
      (underWay) => {
        isFull = underWay > maxUnderWayBytes;
        flow();
      },
    );
    to.on('drain', flow);
    from.on('data', (piece) => {
      if (this.#swallowed.has(direction)) pair.lost.add(direction);
      if (pair.lost.has(direction)) return;
      this.bytes[direction] += piece.length;
      line.send(piece.length, () => {
        if (!to.destroyed) to.write(piece);
      });
    });
    // Whoever has given a dead connection up is not heard of on the other side either.
    from.once('end', () => pair.lost.has(direction) || line.send(0, () => to.end()));
    from.once('close', () => pair.lost.has(direction) || line.send(0, () => to.destroy()));
    from.on('error', () => {});
  }

  #delayMs(): number {
    const { latencyMs = 0, jitterMs = 0 } = this.#settings;
    return latencyMs + (jitterMs > 0 ? this.#random.below(jitterMs + 1) : 0);
  }
}

/** One connection, as its two halves. */
class Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** Directions in which something has been swallowed: nothing comes through there any more. */
  readonly lost = new Set<Direction>();

  constructor(near: Socket, far: Socket) {
    this.near = near.setNoDelay(true);
    this.far = far.setNoDelay(true);
  }

  get isClosed(): boolean {
    return this.near.closed && this.far.closed;
  }

  destroy(): void {
    this.near.destroy();
    this.far.destroy();
  }
}
