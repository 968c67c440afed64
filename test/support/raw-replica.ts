// Somebody who dials a server as a replica does and speaks the protocol by hand: says only what a test says, true or not, and
// keeps every message that came.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { ClusterSecret } from '@syncline/server/auth/cluster-secret.ts';
import { type Message, messageCodec, replicationVersion } from '@syncline/server/replication/messages.ts';
import { WebSocket } from 'ws';
import type { Closed } from './raw-client.ts';
import type { Served } from './scrape.ts';
import { until } from './until.ts';

export type Between<Say extends Message['say']> = Extract<Message, { say: Say }>;
type Answering = { [Say in Message['say']]?: (message: Between<Say>) => void };

export interface RawReplicaSettings {
  /** Of its cluster; none as in a cluster that is open. */
  readonly key?: Uint8Array;
  /** What its hello says otherwise than a new replica's would. */
  readonly hello?: Partial<Between<'hello'>>;
}

/** The hello of a new replica, but for what is said otherwise. */
export function helloOf(otherwise: Partial<Between<'hello'>> = {}): Between<'hello'> {
  return {
    say: 'hello',
    lowestVersion: replicationVersion,
    highestVersion: replicationVersion,
    cluster: 'default',
    replica: randomBytes(16),
    epoch: randomBytes(8),
    name: 'stranger',
    durability: 'full',
    maxFrameBytes: 16 * 1024 * 1024,
    nonce: randomBytes(32),
    ...otherwise,
  };
}

/** What proves whoever dialed, after both hellos. */
export function proofOf(secret: ClusterSecret, hello: Between<'hello'>, theirs: Uint8Array): Uint8Array {
  return secret.prove('syncline replication dialer', [messageCodec.encode(hello), theirs]);
}

export class RawReplica implements Disposable {
  readonly socket: WebSocket;
  readonly heard: Message[] = [];
  /** Set once the socket has closed. */
  ended: Closed | undefined;
  readonly closed: Promise<Closed>;
  readonly hello: Between<'hello'>;
  /** What it does about a message; it keeps silent about all others. */
  readonly answering: Answering = {};
  readonly #key: Uint8Array;
  readonly #frames: Uint8Array[] = [];
  #beats = 0;

  private constructor({ http }: Served, { key, hello }: RawReplicaSettings) {
    this.#key = key ?? new Uint8Array(0);
    this.hello = helloOf(hello);
    this.socket = new WebSocket(`${http.replace('http', 'ws')}/replicate`, { perMessageDeflate: false });
    this.socket.on('message', (data: Buffer) => this.#received(Uint8Array.from(data)));
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => {
        this.ended = { code, reason: reason.toString() };
        resolve(this.ended);
      }),
    );
    // What is wrong with the socket shows in how it closes.
    this.socket.on('error', () => {});
  }

  /** Opens the socket and says nothing. */
  static async dial(server: Served, settings: RawReplicaSettings = {}): Promise<RawReplica> {
    const replica = new RawReplica(server, settings);
    await Promise.race([once(replica.socket, 'open'), replica.closed]);
    return replica;
  }

  /** Says hello, and proves itself by the key that it has. */
  static async greet(server: Served, settings: RawReplicaSettings = {}): Promise<RawReplica> {
    const replica = await RawReplica.dial(server, settings);
    replica.say(replica.hello);
    replica.answering.hello = () => {
      const proof = proofOf(new ClusterSecret(replica.#key), replica.hello, replica.#frames[0]!);
      replica.say({ say: 'proof', proof });
    };
    return replica;
  }

  /**
   * Is linked, and goes on like a replica that has nothing and hears nothing: it reads on from where it is asked to, and says
   * that it is there.
   */
  static async link(server: Served, settings: RawReplicaSettings = {}): Promise<RawReplica> {
    const replica = await RawReplica.greet(server, settings);
    replica.answering.resume = ({ round, candidates }) =>
      replica.say({ say: 'resumed', round, candidate: candidates.length - 1, head: 0 });
    replica.answering.beat = () => replica.beat();
    await replica.hears('resume');
    return replica;
  }

  send(frame: Uint8Array | string): void {
    this.socket.send(frame);
  }

  say(message: Message): void {
    this.send(messageCodec.encode(message));
  }

  /** The root that it says is of its documents at its head. */
  beat({ root = randomBytes(20), head = 0 }: { root?: Uint8Array; head?: number } = {}): void {
    const { replica, name } = this.hello;
    const own = { replica, name, ageMs: 0, root, holdings: [] };
    this.say({
      say: 'beat',
      number: ++this.#beats,
      echo: 0,
      echoMs: 0,
      head,
      rootHead: head,
      round: 0,
      told: 0,
      replicas: [own],
    });
  }

  heardOf<Say extends Message['say']>(say: Say): Between<Say>[] {
    return this.heard.filter((message): message is Between<Say> => message.say === say);
  }

  /** Resolves with the first message of a kind. */
  async hears<Say extends Message['say']>(say: Say): Promise<Between<Say>> {
    await until(`it is told ${say}`, () => this.heardOf(say).length > 0);
    return this.heardOf(say)[0]!;
  }

  /** Resolves with the code that it was refused with, once the socket has closed with the close code of that. */
  async refused(): Promise<{ readonly code: string; readonly close: number }> {
    const { code: close } = await this.closed;
    return { code: this.heardOf('refused')[0]?.code ?? '', close };
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }

  #received(frame: Uint8Array): void {
    const message = messageCodec.decode(frame);
    this.#frames.push(frame);
    this.heard.push(message);
    (this.answering[message.say] as ((message: Message) => void) | undefined)?.(message);
  }
}
