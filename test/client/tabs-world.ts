// Tabs of one browser, in one process and on a virtual clock: their locks, channels and timers take time, and a tab can freeze, wake
// up and be gone at any moment. The test owns every queue.
import type { TabListener } from '@syncline/client/local/tabs.ts';
import type { Platform, Socket, SocketListener } from '@syncline/client/sync/platform.ts';
import { Member } from '@syncline/client/tabs/member.ts';
import type { LockRequest, TabSurroundings } from '@syncline/client/tabs/surroundings.ts';
import type { SeededRandom } from '../support/random.ts';

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
}

/** Where a tab's sockets lead: called in the tab that opened one, when it is open. */
export type Dial = (url: string, listener: SocketListener, tab: Tab) => Socket;

export class TabsWorld {
  nowMs = 0;
  readonly random: SeededRandom;
  readonly tabs: Tab[] = [];
  readonly locks = new Map<string, Lock>();
  readonly channels = new Map<string, Set<Channel>>();
  readonly dial: Dial;
  /** How long a message or a lock may take. */
  maxDelayMs = 30;
  #events: Event[] = [];
  #order = 0;

  constructor(random: SeededRandom, dial: Dial) {
    this.random = random;
    this.dial = dial;
  }

  join(listener: Partial<TabListener> = {}): Tab {
    const tab = new Tab(this, listener);
    this.tabs.push(tab);
    return tab;
  }

  get present(): readonly Tab[] {
    return this.tabs.filter(({ state }) => state !== 'gone');
  }

  delayMs(): number {
    return this.random.below(this.maxDelayMs) + 1;
  }

  at(atMs: number, action: () => void): void {
    this.#events.push({ atMs, order: this.#order++, action });
  }

  /** Lets this much time pass; promises that are settled meanwhile are heard of in between. */
  async pass(milliseconds: number): Promise<void> {
    const endMs = this.nowMs + milliseconds;
    for (;;) {
      const next = this.#next(endMs);
      if (!next) break;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.action();
      for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    }
    this.nowMs = endMs;
  }

  #next(endMs: number): Event | undefined {
    let first: Event | undefined;
    for (const event of this.#events)
      if (!first || event.atMs < first.atMs || (event.atMs === first.atMs && event.order < first.order))
        first = event;
    if (!first || first.atMs > endMs) return undefined;
    this.#events = this.#events.filter((event) => event !== first);
    return first;
  }
}

export class Tab {
  readonly world: TabsWorld;
  readonly member: Member;
  readonly platform: Platform;
  state: 'running' | 'frozen' | 'gone' = 'running';
  roleChanges = 0;
  readonly reported: unknown[] = [];
  readonly #held: (() => void)[] = [];
  readonly #requests = new Set<Request>();
  readonly #channels = new Set<Channel>();
  readonly #sockets = new Set<Socket>();
  #paused = (): void => {};
  #resumed = (): void => {};

  constructor(world: TabsWorld, listener: Partial<TabListener>) {
    this.world = world;
    this.platform = {
      now: () => world.nowMs,
      epochMs: () => world.nowMs,
      after: (delayMs, action) => this.#after(delayMs, action),
      fraction: () => world.random.below(1_000_000) / 1_000_000,
      connect: (url, socketListener) => this.#connect(url, socketListener),
      onOnline: () => () => {},
      report: (error) => void this.reported.push(error),
    };
    this.member = new Member({
      scope: 'app',
      platform: this.platform,
      surroundings: this.#surroundings(),
      listener: {
        roleChanged: () => {
          this.roleChanges++;
          listener.roleChanged?.();
        },
        edited: (edit, tab) => listener.edited?.(edit, tab),
        left: (tab) => listener.left?.(tab),
      },
    });
  }

  /** Runs in this tab: later, if it is frozen, and never, if it is gone. */
  run(action: () => void): void {
    if (this.state === 'running') action();
    else if (this.state === 'frozen') this.#held.push(action);
  }

  freeze(): void {
    if (this.state === 'running') this.state = 'frozen';
  }

  thaw(): void {
    if (this.state !== 'frozen') return;
    this.state = 'running';
    for (const action of this.#held.splice(0)) this.run(action);
  }

  /** Set aside for the way back. */
  setAside(): void {
    if (this.state !== 'running') return;
    this.#paused();
    this.freeze();
  }

  bringBack(): void {
    this.thaw();
    this.#resumed();
  }

  crash(): void {
    this.state = 'gone';
    for (const channel of this.#channels) channel.close();
    for (const request of this.#requests)
      this.world.at(this.world.nowMs + this.world.delayMs(), () => request.release());
    for (const socket of this.#sockets) socket.close();
  }

  #after(delayMs: number, action: () => void): () => void {
    let isCancelled = false;
    this.world.at(this.world.nowMs + Math.max(0, delayMs), () =>
      this.run(() => {
        if (!isCancelled) action();
      }),
    );
    return () => (isCancelled = true);
  }

  #connect(url: string, listener: SocketListener): Socket {
    const socket = this.world.dial(
      url,
      {
        opened: () => this.run(() => listener.opened()),
        received: (frame) => this.run(() => listener.received(frame)),
        closed: (code, reason) => {
          this.#sockets.delete(socket);
          this.run(() => listener.closed(code, reason));
        },
      },
      this,
    );
    this.#sockets.add(socket);
    return socket;
  }

  #surroundings(): TabSurroundings {
    const { world } = this;
    return {
      lock: (name, request) => {
        const lock = world.locks.get(name) ?? new Lock(world);
        world.locks.set(name, lock);
        const asked = new Request(this, lock, request, () => this.#requests.delete(asked));
        this.#requests.add(asked);
        world.at(world.nowMs + world.delayMs(), () => asked.arrive());
        return () => asked.release();
      },
      channel: (name, received) => {
        const channels = world.channels.get(name) ?? new Set();
        world.channels.set(name, channels);
        const channel = new Channel(this, channels, received);
        this.#channels.add(channel);
        return channel;
      },
      onPause: (paused, resumed) => {
        this.#paused = paused;
        this.#resumed = resumed;
        return () => {};
      },
    };
  }
}

class Lock {
  readonly #world: TabsWorld;
  holder: Request | undefined;
  readonly queue = new Set<Request>();

  constructor(world: TabsWorld) {
    this.#world = world;
  }

  grant(request: Request): void {
    this.queue.delete(request);
    this.holder = request;
    request.tell('granted', this.#world.delayMs());
  }

  free(): void {
    this.holder = undefined;
    const [next] = this.queue;
    if (next) this.grant(next);
  }
}

class Request {
  readonly tab: Tab;
  readonly #lock: Lock;
  readonly #request: LockRequest;
  readonly #ended: () => void;
  /** Nothing is said after the tab has let go. */
  #isOver = false;
  /** What is told comes in its order. */
  #toldMs = 0;

  constructor(tab: Tab, lock: Lock, request: LockRequest, ended: () => void) {
    this.tab = tab;
    this.#lock = lock;
    this.#request = request;
    this.#ended = ended;
  }

  arrive(): void {
    if (this.#isOver) return;
    const { holder } = this.#lock;
    if (!holder) this.#lock.grant(this);
    else if (this.#request.isStolen) {
      this.#lock.grant(this);
      holder.tell('lost', this.tab.world.delayMs());
    } else this.#lock.queue.add(this);
  }

  tell(what: 'granted' | 'lost', delayMs: number): void {
    const { world } = this.tab;
    this.#toldMs = Math.max(this.#toldMs, world.nowMs + delayMs);
    world.at(this.#toldMs, () =>
      this.tab.run(() => {
        if (!this.#isOver) this.#request[what]();
      }),
    );
  }

  release(): void {
    this.#isOver = true;
    this.#ended();
    this.#lock.queue.delete(this);
    if (this.#lock.holder === this) this.#lock.free();
  }
}

class Channel {
  readonly #tab: Tab;
  readonly #others: Set<Channel>;
  readonly #received: (message: unknown) => void;
  /** What one says arrives in its order. */
  readonly #arrivesMs = new Map<Channel, number>();
  #isClosed = false;

  constructor(tab: Tab, others: Set<Channel>, received: (message: unknown) => void) {
    this.#tab = tab;
    this.#others = others;
    this.#received = received;
    others.add(this);
  }

  post(message: unknown): void {
    if (this.#isClosed) return;
    const { world } = this.#tab;
    for (const other of this.#others) {
      if (other === this) continue;
      const copy = structuredClone(message);
      const atMs = Math.max(this.#arrivesMs.get(other) ?? 0, world.nowMs + world.delayMs());
      this.#arrivesMs.set(other, atMs);
      world.at(atMs, () => other.#hear(copy));
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#others.delete(this);
  }

  #hear(message: unknown): void {
    this.#tab.run(() => {
      if (!this.#isClosed) this.#received(message);
    });
  }
}
