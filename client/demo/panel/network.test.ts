import { downCodec, upCodec } from '@syncline/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LocalStore } from '../../src/index.ts';
import type { TabMember } from '../../src/local/tabs.ts';
import type { Platform, Socket, SocketListener } from '../../src/sync/platform.ts';
import { FrameLog } from './frame-log.ts';
import { goodForMs, losesForMs, slowMs } from './link.ts';
import { Network } from './network.ts';

/** A clock that is moved by hand, and the far ends of all sockets. */
class World {
  nowMs = 0;
  readonly sockets: FarEnd[] = [];
  #timers: { atMs: number; action: () => void }[] = [];

  readonly connect = (_url: string, listener: SocketListener): Socket => {
    const end = new FarEnd(listener);
    this.sockets.push(end);
    return end;
  };

  readonly platform: Platform = {
    now: () => this.nowMs,
    epochMs: () => this.nowMs,
    after: (delayMs, action) => {
      const timer = { atMs: this.nowMs + delayMs, action };
      this.#timers.push(timer);
      return () => (this.#timers = this.#timers.filter((each) => each !== timer));
    },
    fraction: () => 0,
    connect: this.connect,
    onOnline: () => () => {},
    report: () => {},
  };

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.atMs - b.atMs);
      if (!next || next.atMs > untilMs) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.nowMs = next.atMs;
      next.action();
    }
    this.nowMs = untilMs;
  }
}

class FarEnd implements Socket {
  readonly got: Uint8Array[] = [];
  isClosed = false;
  readonly listener: SocketListener;

  constructor(listener: SocketListener) {
    this.listener = listener;
  }

  send(frame: Uint8Array): void {
    this.got.push(frame);
  }

  close(): void {
    this.isClosed = true;
  }
}

const ping = upCodec.encode({ say: 'ping' });
const pong = downCodec.encode({ say: 'pong' });
const noTabs = {} as LocalStore;

describe('[DEM16] the network of a window', () => {
  let world: World;
  let log: FrameLog;
  let network: Network;
  let heard: (string | number)[];
  const connect = (platform = network.platform(noTabs)): Socket =>
    platform.connect('ws://x', {
      opened: () => heard.push('opened'),
      received: (frame) => heard.push(downCodec.decode(frame).say),
      closed: (code) => heard.push(code),
    });
  const far = (): FarEnd => world.sockets.at(-1)!;

  beforeEach(() => {
    world = new World();
    log = new FrameLog();
    network = new Network(world.platform, log);
    heard = [];
  });

  it('lets everything through at once, and notes it', () => {
    const socket = connect();
    far().listener.opened();
    socket.send(
      upCodec.encode({
        say: 'open',
        channel: 1,
        document: 'notes',
        engine: 'yjs',
        incarnation: 0,
        resume: undefined,
      }),
    );
    far().listener.received(
      downCodec.encode({ say: 'caughtUp', channel: 1, position: 0, digest: new Uint8Array() }),
    );
    far().listener.received(pong);
    expect(far().got).toHaveLength(1);
    expect(heard).toEqual(['opened', 'caughtUp', 'pong']);
    expect(log.frames).toMatchObject([
      { direction: 'sent', kind: 'open', document: 'notes', isLost: false },
      { direction: 'received', kind: 'caughtUp', document: 'notes', bytes: 4 },
      { direction: 'received', kind: 'pong', document: undefined, bytes: pong.length },
    ]);
    socket.close();
    far().listener.closed(1000, '');
    expect(far().isClosed).toBe(true);
    expect(heard.at(-1)).toBe(1000);
  });

  it('offline is none, and says so when it is back', () => {
    connect();
    far().listener.opened();
    const platform = network.platform(noTabs);
    let isBack = false;
    const end = platform.onOnline(() => (isBack = true));
    network.turn({ isOffline: true });
    expect(heard).toEqual(['opened', 1006]);
    expect(far().isClosed).toBe(true);
    far().listener.received(pong);
    expect(heard).toHaveLength(2);

    connect(platform);
    world.pass(0);
    expect(heard).toEqual(['opened', 1006, 1006]);
    expect(world.sockets).toHaveLength(1);
    expect(isBack).toBe(false);
    network.turn({ isOffline: false });
    expect(isBack).toBe(true);
    end();
    connect(platform);
    expect(world.sockets).toHaveLength(2);
  });

  it('slow is late in both directions, and nothing overtakes when it is fast again', () => {
    network.turn({ isSlow: true });
    const socket = connect();
    far().listener.opened();
    world.pass(slowMs - 1);
    expect(heard).toEqual([]);
    world.pass(1);
    expect(heard).toEqual(['opened']);

    socket.send(ping);
    far().listener.received(pong);
    network.turn({ isSlow: false });
    socket.send(upCodec.encode({ say: 'verify', channel: 1 }));
    far().listener.closed(1001, '');
    expect(far().got).toEqual([]);
    world.pass(slowMs);
    expect(far().got.map((frame) => upCodec.decode(frame).say)).toEqual(['ping', 'verify']);
    expect(heard).toEqual(['opened', 'pong', 1001]);
  });

  it('that drops messages is cut when it has lost some, and the next one after a good while', () => {
    const socket = connect();
    far().listener.opened();
    network.turn({ isLossy: true });
    socket.send(ping);
    far().listener.received(pong);
    expect(far().got).toEqual([]);
    expect(heard).toEqual(['opened']);
    expect(log.frames.map(({ isLost }) => isLost)).toEqual([true, true]);
    world.pass(losesForMs);
    expect(heard).toEqual(['opened', 1006]);
    expect(far().isClosed).toBe(true);

    const next = connect();
    world.pass(goodForMs - 1);
    next.send(ping);
    expect(far().got).toHaveLength(1);
    world.pass(1);
    next.send(ping);
    expect(far().got).toHaveLength(1);
    // It has lost something by now.
    network.turn({ isLossy: false });
    world.pass(losesForMs);
    expect(heard.at(-1)).toBe(1006);
  });

  it('that is good again before anything was lost stays', () => {
    network.turn({ isLossy: true });
    connect();
    network.turn({ isLossy: false });
    world.pass(10 * (goodForMs + losesForMs));
    expect(heard).toEqual([]);
    expect(far().isClosed).toBe(false);
  });

  it('lies between the tabs where they share a connection, and is not noted twice', () => {
    const member: TabMember = {
      name: 'a',
      role: 'leader',
      connect: (url, listener) => joined.connect(url, listener),
      tell: () => {},
      leave: () => {},
    };
    let joined = world.platform;
    const store = {
      tabs: {
        join: (platform: Platform) => {
          joined = platform;
          return member;
        },
      },
    } as unknown as LocalStore;
    const listener = { roleChanged: () => {}, edited: () => {}, left: () => {} };
    const tab = network.store(store).tabs!.join(network.platform(store), listener);
    expect(tab.role).toBe('leader');
    tab
      .connect('ws://x', { opened: () => {}, received: () => {}, closed: () => heard.push('closed') })
      .send(ping);
    expect(far().got).toEqual([ping]);
    expect(log.frames).toHaveLength(1);
    network.turn({ isOffline: true });
    expect(heard).toEqual(['closed']);
  });
});
