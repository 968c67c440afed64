// What the pages of one origin have in common in a browser, on virtual time: locks, and channels on which they hear each other. Both
// take a while; a page can be frozen, set aside, and be gone at any moment.
import type { LockRequest, TabSurroundings } from '@syncline/client/tabs/surroundings.ts';

export interface OriginTime {
  now(): number;
  after(delayMs: number, action: () => void): unknown;
  /** How long a message or a lock takes. */
  delayMs(): number;
}

/** What one says to another takes a while, and comes in its order. */
class InOrder {
  readonly #time: OriginTime;
  readonly #waiting: (() => void)[] = [];
  #arrivesMs = 0;

  constructor(time: OriginTime) {
    this.#time = time;
  }

  say(action: () => void): void {
    const now = this.#time.now();
    this.#arrivesMs = Math.max(this.#arrivesMs, now + this.#time.delayMs());
    this.#waiting.push(action);
    // Whatever comes at the same time, the first that was said is heard first.
    this.#time.after(this.#arrivesMs - now, () => this.#waiting.shift()!());
  }
}

export class Origin {
  readonly time: OriginTime;
  readonly #locks = new Map<string, Lock>();
  readonly #channels = new Map<string, Set<Channel>>();

  constructor(time: OriginTime) {
    this.time = time;
  }

  /** A page that is loaded. `run` does something in it: later where it is frozen, and never where it is gone. */
  load(run: Page['run']): Page {
    return new Page(this, run);
  }

  lock(name: string): Lock {
    const lock = this.#locks.get(name) ?? new Lock();
    this.#locks.set(name, lock);
    return lock;
  }

  channel(name: string): Set<Channel> {
    const channels = this.#channels.get(name) ?? new Set();
    this.#channels.set(name, channels);
    return channels;
  }
}

export class Page {
  readonly surroundings: TabSurroundings;
  readonly run: (action: () => void) => void;
  readonly #origin: Origin;
  readonly #requests = new Set<Request>();
  readonly #channels = new Set<Channel>();
  #paused = (): void => {};
  #resumed = (): void => {};

  constructor(origin: Origin, run: Page['run']) {
    this.run = run;
    this.#origin = origin;
    this.surroundings = {
      lock: (name, request) => this.#lock(name, request),
      channel: (name, received) => {
        const channel = new Channel(this, origin, { name, received });
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

  /** It is told that it is set aside for the way back, which whoever owns it does next. */
  setAside(): void {
    this.#paused();
  }

  bringBack(): void {
    this.#resumed();
  }

  /** Its locks are free after a while. */
  gone(): void {
    for (const channel of this.#channels) channel.close();
    const { time } = this.#origin;
    for (const request of this.#requests) time.after(time.delayMs(), () => request.release());
  }

  #lock(name: string, request: LockRequest): () => void {
    const { time } = this.#origin;
    const ended = (): void => void this.#requests.delete(asked);
    const asked: Request = new Request(this, { lock: this.#origin.lock(name), request, time, ended });
    this.#requests.add(asked);
    time.after(time.delayMs(), () => asked.arrive());
    return () => asked.release();
  }
}

class Lock {
  holder: Request | undefined;
  readonly queue = new Set<Request>();

  grant(request: Request): void {
    this.queue.delete(request);
    this.holder = request;
    request.tell('granted');
  }

  free(): void {
    this.holder = undefined;
    const [next] = this.queue;
    if (next) this.grant(next);
  }
}

interface Asked {
  readonly lock: Lock;
  readonly request: LockRequest;
  readonly time: OriginTime;
  readonly ended: () => void;
}

class Request {
  readonly #page: Page;
  readonly #asked: Asked;
  /** Nothing is said after the page has let go. */
  #isOver = false;
  readonly #told: InOrder;

  constructor(page: Page, asked: Asked) {
    this.#page = page;
    this.#asked = asked;
    this.#told = new InOrder(asked.time);
  }

  arrive(): void {
    if (this.#isOver) return;
    const { lock, request } = this.#asked;
    const { holder } = lock;
    if (!holder) lock.grant(this);
    else if (request.isStolen) {
      lock.grant(this);
      holder.tell('lost');
    } else lock.queue.add(this);
  }

  tell(what: 'granted' | 'lost'): void {
    this.#told.say(() =>
      this.#page.run(() => {
        if (!this.#isOver) this.#asked.request[what]();
      }),
    );
  }

  release(): void {
    this.#isOver = true;
    const { lock, ended } = this.#asked;
    ended();
    lock.queue.delete(this);
    if (lock.holder === this) lock.free();
  }
}

interface Listening {
  readonly name: string;
  readonly received: (message: unknown) => void;
}

class Channel {
  readonly #page: Page;
  readonly #time: OriginTime;
  readonly #all: Set<Channel>;
  readonly #received: (message: unknown) => void;
  readonly #said = new Map<Channel, InOrder>();
  #isClosed = false;

  constructor(page: Page, origin: Origin, { name, received }: Listening) {
    this.#page = page;
    this.#time = origin.time;
    this.#all = origin.channel(name);
    this.#received = received;
    this.#all.add(this);
  }

  post(message: unknown): void {
    if (this.#isClosed) return;
    for (const other of this.#all) {
      if (other === this) continue;
      const copy = structuredClone(message);
      this.#to(other).say(() => other.#hear(copy));
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#all.delete(this);
  }

  #to(other: Channel): InOrder {
    const said = this.#said.get(other) ?? new InOrder(this.#time);
    this.#said.set(other, said);
    return said;
  }

  #hear(message: unknown): void {
    this.#page.run(() => {
      if (!this.#isClosed) this.#received(message);
    });
  }
}
