// What tabs talk to in a simulated browser: a server that acknowledges every batch and says something of its own on every channel; and
// somebody in a tab who opens documents through a connection, and knows what must come back, on which channel and in which order.
import { type Down, downCodec, type Up, upCodec } from '@syncline/shared';
import type { Socket, SocketListener } from '@syncline/client/sync/platform.ts';
import type { Tab, TabsWorld } from './tabs-world.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface ServerChannel {
  readonly document: string;
  batches: number;
}

/** The server's side of one real socket. */
export class EchoSession {
  readonly tab: Tab;
  readonly channels = new Map<number, ServerChannel>();
  readonly heard: Up[] = [];
  isOpen = true;
  readonly #used = new Set<number>();
  readonly #world: TabsWorld;
  readonly #listener: SocketListener;
  #arrivesMs = 0;

  constructor(tab: Tab, listener: SocketListener) {
    this.tab = tab;
    this.#world = tab.world;
    this.#listener = listener;
    this.#later(() => listener.opened());
  }

  say(message: Down): void {
    this.#later(() => this.#listener.received(downCodec.encode(message)));
  }

  close(code: number): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#world.at(this.#soon(), () => this.#listener.closed(code, ''));
  }

  hear(frame: Uint8Array): void {
    if (!this.isOpen) return;
    const message = upCodec.decode(frame);
    this.heard.push(message);
    switch (message.say) {
      case 'hello':
        return this.say({
          say: 'welcome',
          version: 1,
          replica: new Uint8Array(16),
          epoch: new Uint8Array(8),
          durability: 'full',
          maxFrameBytes: 1_000_000,
          expiresInMs: 0,
        });
      case 'ping':
        return this.say({ say: 'pong' });
      case 'open':
        if (this.#used.has(message.channel)) throw new Error('a number of a channel is used twice');
        this.#used.add(message.channel);
        this.channels.set(message.channel, { document: message.document, batches: 0 });
        return;
      case 'updates':
        return this.#store(message);
      case 'close':
        this.channels.delete(message.channel);
        return;
      case 'compare':
      case 'confirm':
      case 'ephemeral':
      case 'presence':
      case 'renew':
      case 'verify':
        throw new Error(`a ${message.say} was not expected`);
    }
  }

  #store({ channel, batch, updates }: Extract<Up, { say: 'updates' }>): void {
    const open = this.channels.get(channel);
    if (!open) throw new Error('updates of a channel that is not open');
    const said = decoder.decode(updates[0]);
    if (said !== `${open.document} ${batch}`) throw new Error(`${said} was said in ${open.document}`);
    if (batch !== open.batches + 1) throw new Error(`batch ${batch} of ${said} comes after ${open.batches}`);
    open.batches = batch;
    this.say({ say: 'stored', channel, from: batch, through: batch, sequence: batch, position: batch });
    this.say({
      say: 'updates',
      channel,
      position: batch,
      updates: [encoder.encode(`${open.document} ${batch}`)],
    });
  }

  #later(action: () => void): void {
    this.#world.at(this.#soon(), () => {
      if (this.isOpen) action();
    });
  }

  #soon(): number {
    this.#arrivesMs = Math.max(this.#arrivesMs, this.#world.nowMs + this.#world.delayMs());
    return this.#arrivesMs;
  }
}

export class EchoServer {
  readonly sessions: EchoSession[] = [];

  readonly dial = (_url: string, listener: SocketListener, tab: Tab): Socket => {
    const session = new EchoSession(tab, listener);
    this.sessions.push(session);
    let arrivesMs = 0;
    const { world } = tab;
    const later = (action: () => void): void => {
      arrivesMs = Math.max(arrivesMs, world.nowMs + world.delayMs());
      world.at(arrivesMs, action);
    };
    return {
      send: (frame) => later(() => session.hear(frame)),
      close: () => later(() => session.close(1000)),
    };
  };

  get open(): readonly EchoSession[] {
    return this.sessions.filter(({ isOpen }) => isOpen);
  }
}

/** Connects again whenever a connection is over, as long as its tab runs. */
export class Talker {
  readonly name: string;
  isWelcome = false;
  /** How many batches were acknowledged, over all connections. */
  acknowledged = 0;
  connections = 0;
  readonly #tab: Tab;
  readonly #documents: number;
  #socket: Socket | undefined;
  #isLeft = false;

  constructor(tab: Tab, documents: number) {
    this.#tab = tab;
    this.name = tab.member.name;
    this.#documents = documents;
    this.#connect();
  }

  leave(): void {
    this.#isLeft = true;
    this.#socket?.close();
  }

  #connect(): void {
    if (this.#isLeft) return;
    const conversation = new Conversation(`${this.name}.${++this.connections}`, this.#documents, this.#tab);
    let isOver = false;
    const socket = this.#tab.member.connect('ws://127.0.0.1/sync', {
      opened: () => {
        expectOpen(isOver);
        socket.send(upCodec.encode({ say: 'hello', lowestVersion: 1, highestVersion: 1, token: '' }));
      },
      received: (frame) => {
        expectOpen(isOver);
        const message = downCodec.decode(frame);
        if (message.say === 'welcome') {
          this.isWelcome = true;
          conversation.begin(socket, () => isOver);
        } else if (message.say !== 'pong') this.acknowledged += conversation.hear(message);
      },
      closed: () => {
        expectOpen(isOver);
        isOver = true;
        this.isWelcome = false;
        this.#tab.platform.after(this.#tab.world.random.below(500), () => this.#connect());
      },
    });
    this.#socket = socket;
  }
}

/** What is said on one connection. */
class Conversation {
  readonly #name: string;
  readonly #tab: Tab;
  readonly #said: number[];
  readonly #stored: number[];
  readonly #heard: number[];

  constructor(name: string, documents: number, tab: Tab) {
    this.#name = name;
    this.#tab = tab;
    this.#said = Array.from({ length: documents }, () => 0);
    this.#stored = [...this.#said];
    this.#heard = [...this.#said];
  }

  begin(socket: Socket, isOver: () => boolean): void {
    for (const [index] of this.#said.entries()) {
      const channel = index + 1;
      const document = this.#document(channel);
      socket.send(
        upCodec.encode({ say: 'open', channel, document, engine: 'yjs', incarnation: 0, resume: undefined }),
      );
    }
    this.#talk(socket, isOver);
  }

  /** How many batches it acknowledges. */
  hear(message: Down): number {
    if (message.say === 'stored') {
      const index = message.channel - 1;
      if (message.from !== this.#stored[index]! + 1 || message.through > this.#said[index]!)
        throw new Error(`${this.#document(message.channel)} is told that batch ${message.from} is stored`);
      this.#stored[index] = message.through;
      return 1;
    }
    if (message.say !== 'updates') throw new Error(`a ${message.say} was not expected`);
    const next = ++this.#heard[message.channel - 1]!;
    const said = decoder.decode(message.updates[0]);
    if (said !== `${this.#document(message.channel)} ${next}`)
      throw new Error(`${said} is heard in ${this.#document(message.channel)}, and not ${next}`);
    return 0;
  }

  #talk(socket: Socket, isOver: () => boolean): void {
    if (isOver()) return;
    const { world } = this.#tab;
    const channel = world.random.below(this.#said.length) + 1;
    const batch = ++this.#said[channel - 1]!;
    const update = encoder.encode(`${this.#document(channel)} ${batch}`);
    socket.send(upCodec.encode({ say: 'updates', channel, batch, updates: [update] }));
    this.#tab.platform.after(200 + world.random.below(2_000), () => this.#talk(socket, isOver));
  }

  #document(channel: number): string {
    return `${this.#name}/${channel}`;
  }
}

function expectOpen(isOver: boolean): void {
  if (isOver) throw new Error('something is called after the end');
}
