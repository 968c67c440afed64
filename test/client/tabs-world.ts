// Tabs of one browser, in one process and on a virtual clock: their locks, channels and timers take time, and a tab can freeze, wake
// up and be gone at any moment. The test owns every queue.
import type { TabListener } from '@syncline/client/local/tabs.ts';
import type { Platform, Socket, SocketListener } from '@syncline/client/sync/platform.ts';
import { Member } from '@syncline/client/tabs/member.ts';
import { Origin, type Page } from '../simulate/world/origin.ts';
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
  readonly origin: Origin;
  readonly dial: Dial;
  /** How long a message or a lock may take. */
  maxDelayMs = 30;
  #events: Event[] = [];
  #order = 0;

  constructor(random: SeededRandom, dial: Dial) {
    this.random = random;
    this.dial = dial;
    this.origin = new Origin({
      now: () => this.nowMs,
      after: (delayMs, action) => this.at(this.nowMs + delayMs, action),
      delayMs: () => this.delayMs(),
    });
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
  readonly #page: Page;
  readonly #sockets = new Set<Socket>();

  constructor(world: TabsWorld, listener: Partial<TabListener>) {
    this.world = world;
    this.#page = world.origin.load((action) => this.run(action));
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
      surroundings: this.#page.surroundings,
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
    this.#page.setAside();
    this.freeze();
  }

  bringBack(): void {
    this.thaw();
    this.#page.bringBack();
  }

  crash(): void {
    this.state = 'gone';
    this.#page.gone();
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
}
