import {
  type Down,
  downCodec,
  maxSilenceMs,
  signOfLifeMs,
  SyncError,
  type Up,
  upCodec,
} from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import type { Platform, Socket, SocketListener } from '../sync/platform.ts';
import { Multiplexer } from './multiplexer.ts';

const url = 'ws://127.0.0.1/sync';
const welcome: Down = {
  say: 'welcome',
  version: 1,
  replica: new Uint8Array(16),
  epoch: new Uint8Array(8),
  durability: 'full',
  maxFrameBytes: 1_000,
  expiresInMs: 60_000,
};
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** What a server is on the other side of one real socket. */
class ServerSide {
  readonly heard: Up[] = [];
  isClosed = false;
  readonly listener: SocketListener;

  constructor(listener: SocketListener) {
    this.listener = listener;
  }

  says(...messages: Down[]): void {
    for (const message of messages) this.listener.received(downCodec.encode(message));
  }

  closes(code = 1000, reason = ''): void {
    this.listener.closed(code, reason);
  }

  heardOf<Say extends Up['say']>(say: Say): Extract<Up, { say: Say }>[] {
    return this.heard.filter((message): message is Extract<Up, { say: Say }> => message.say === say);
  }
}

/** The one connection of a tab. */
class TabSide {
  isOpen = false;
  readonly heard: Down[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  readonly socket: Socket;

  constructor(place: Place, token?: string) {
    this.socket = place.multiplexer.connect(url, {
      opened: () => {
        this.isOpen = true;
        if (token !== undefined) this.says({ say: 'hello', lowestVersion: 1, highestVersion: 1, token });
      },
      received: (frame) => void this.heard.push(downCodec.decode(frame)),
      closed: (code, reason) => (this.closed = { code, reason }),
    });
  }

  says(...messages: Up[]): void {
    for (const message of messages) this.socket.send(upCodec.encode(message));
  }

  opens(channel: number, document: string): void {
    this.says({ say: 'open', channel, document, engine: 'yjs', incarnation: 0, resume: undefined });
  }

  get saw(): Down['say'][] {
    return this.heard.map(({ say }) => say);
  }
}

class Place {
  nowMs = 0;
  readonly servers: ServerSide[] = [];
  readonly reported: unknown[] = [];
  readonly multiplexer: Multiplexer;
  #timers: { readonly atMs: number; readonly action: () => void }[] = [];

  constructor() {
    const platform: Platform = {
      now: () => this.nowMs,
      epochMs: () => this.nowMs,
      after: (delayMs, action) => {
        const timer = { atMs: this.nowMs + delayMs, action };
        this.#timers.push(timer);
        return () => (this.#timers = this.#timers.filter((each) => each !== timer));
      },
      fraction: () => 0,
      connect: (_url, listener) => {
        const server = new ServerSide(listener);
        this.servers.push(server);
        return {
          send: (frame) => void server.heard.push(upCodec.decode(frame)),
          close: () => (server.isClosed = true),
        };
      },
      onOnline: () => () => {},
      report: (error) => void this.reported.push(error),
    };
    this.multiplexer = new Multiplexer(platform);
  }

  get server(): ServerSide {
    return this.servers.at(-1)!;
  }

  pass(milliseconds: number): void {
    const endMs = this.nowMs + milliseconds;
    for (;;) {
      const [next] = this.#timers.filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs);
      if (!next) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.nowMs = next.atMs;
      next.action();
    }
    this.nowMs = endMs;
  }

  /** Tabs with these tokens, on one socket. */
  async welcomed(...tokens: string[]): Promise<TabSide[]> {
    const tabs: TabSide[] = [];
    for (const token of tokens) {
      tabs.push(new TabSide(this, token));
      if (tabs.length === 1) {
        this.server.listener.opened();
        this.server.says(welcome);
      }
      await settle();
    }
    return tabs;
  }
}

function tokenOf(claims: object, signature = 'signed'): string {
  const part = (value: object): string =>
    btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '');
  return `${part({ alg: 'HS256' })}.${part(claims)}.${signature}`;
}

describe('connections that share a socket', () => {
  it('[TAB3] are greeted once, and told in how many milliseconds the token expires now', async () => {
    const place = new Place();
    const [a, b] = [new TabSide(place, 'token'), new TabSide(place, 'token')];
    expect([place.servers.length, a.isOpen]).toEqual([1, false]);
    place.server.listener.opened();
    expect(place.server.heardOf('hello')).toHaveLength(1);
    place.server.says(welcome);
    expect([a.heard, b.heard]).toEqual([[welcome], [welcome]]);
    place.nowMs = 20_000;
    const c = new TabSide(place, 'token');
    expect(c.isOpen).toBe(false);
    await settle();
    expect(c.heard).toEqual([{ ...welcome, expiresInMs: 40_000 }]);
    expect(place.servers).toHaveLength(1);
    expect(place.server.heard).toHaveLength(1);
  });

  it('[TAB3] are of one user: who has other grants, or says another version, has a socket of their own', async () => {
    const place = new Place();
    const claims = { sub: 'anna', grants: [{ documents: '**', may: 'write' }], iat: 1, exp: 2 };
    const [anna, later] = await place.welcomed(
      tokenOf(claims),
      tokenOf({ ...claims, iat: 5, exp: 9, jti: 'x' }, 'signed later'),
    );
    expect([anna!.saw, later!.saw, place.servers.length]).toEqual([['welcome'], ['welcome'], 1]);
    for (const [index, token] of [
      tokenOf({ ...claims, sub: 'ännä' }),
      tokenOf({ ...claims, sub: 'ännö' }),
      tokenOf({ ...claims, grants: [] }),
      'opaque',
      'a.b.c',
      '',
    ].entries()) {
      const other = new TabSide(place, token);
      await settle();
      expect(place.servers).toHaveLength(index + 2);
      place.server.listener.opened();
      place.server.says({ ...welcome, expiresInMs: 0 });
      expect(other.heard).toEqual([{ ...welcome, expiresInMs: 0 }]);
      const again = new TabSide(place, token);
      await settle();
      expect([again.saw, place.servers.length]).toEqual([['welcome'], index + 2]);
    }
    const newer = new TabSide(place);
    await settle();
    newer.says({ say: 'hello', lowestVersion: 1, highestVersion: 2, token: tokenOf(claims) });
    expect(place.servers).toHaveLength(8);
  });

  it('[TAB4] have channels of their own: numbers are never used again, and each hears what is its own', async () => {
    const place = new Place();
    const [a, b] = (await place.welcomed('', '')) as [TabSide, TabSide];
    const update = Uint8Array.of(1, 2, 3);
    a.opens(1, 'first');
    b.opens(1, 'second');
    b.says({ say: 'updates', channel: 1, batch: 1, updates: [update] });
    expect(place.server.heardOf('open').map(({ channel, document }) => [channel, document])).toEqual([
      [1, 'first'],
      [2, 'second'],
    ]);
    expect(place.server.heardOf('updates')).toEqual([
      { say: 'updates', channel: 2, batch: 1, updates: [update] },
    ]);
    place.server.says(
      { say: 'stored', channel: 2, from: 1, through: 1, sequence: 300, position: 300 },
      { say: 'updates', channel: 1, position: 300, updates: [update] },
    );
    expect(b.heard.slice(1)).toEqual([
      { say: 'stored', channel: 1, from: 1, through: 1, sequence: 300, position: 300 },
    ]);
    expect(a.heard.slice(1)).toEqual([{ say: 'updates', channel: 1, position: 300, updates: [update] }]);

    // After a refusal the tab may use its number again, after a close what comes is of no interest.
    place.server.says({ say: 'refused', channel: 1, code: 'unavailable', detail: '' });
    a.says({ say: 'verify', channel: 1 });
    a.opens(1, 'first');
    b.says({ say: 'close', channel: 1 });
    expect(place.server.heard.slice(-2)).toMatchObject([
      { say: 'open', channel: 3 },
      { say: 'close', channel: 2 },
    ]);
    place.server.says(
      { say: 'caughtUp', channel: 2, position: 1, digest: update },
      { say: 'caughtUp', channel: 1, position: 1, digest: update },
      { say: 'caughtUp', channel: 3, position: 7, digest: update },
    );
    expect(b.saw.slice(2)).toEqual([]);
    expect(a.heard.slice(2)).toEqual([
      { say: 'refused', channel: 1, code: 'unavailable', detail: '' },
      { say: 'caughtUp', channel: 1, position: 7, digest: update },
    ]);
  });

  it('[TAB4] that say what no client says are refused alone', async () => {
    const place = new Place();
    const [good, ...bad] = await place.welcomed('', '', '', '');
    const early = new TabSide(place);
    await settle();
    bad[0]!.socket.send(Uint8Array.of(255));
    bad[1]!.says({ say: 'hello', lowestVersion: 1, highestVersion: 1, token: '' });
    bad[2]!.opens(1, 'one');
    bad[2]!.opens(1, 'two');
    early.says({ say: 'ping' });
    for (const each of [...bad, early]) {
      expect(each.heard.at(-1)).toMatchObject({ say: 'refused', channel: 0, code: 'bad_frame' });
      expect(each.closed?.code).toBe(new SyncError('bad_frame').close);
    }
    expect(good!.closed).toBe(undefined);
    expect(place.server.heard.at(-1)).toEqual({ say: 'close', channel: 1 });
    expect(place.server.isClosed).toBe(false);
  });

  it('[TAB7] close what they had open when they end, and the last one the socket', async () => {
    const place = new Place();
    const [a, b] = (await place.welcomed('', '')) as [TabSide, TabSide];
    a.opens(1, 'first');
    a.opens(2, 'second');
    b.opens(1, 'first');
    a.socket.close();
    expect(place.server.heardOf('close').map(({ channel }) => channel)).toEqual([1, 2]);
    expect([a.closed, b.closed]).toEqual([undefined, undefined]);
    await settle();
    expect(a.closed?.code).toBe(1000);
    b.socket.close();
    expect([place.server.isClosed, b.closed]).toEqual([true, undefined]);
    // Whoever comes now has another socket.
    const c = new TabSide(place);
    expect(place.servers).toHaveLength(2);
    place.servers[0]!.closes(1005);
    expect([b.closed, c.closed]).toEqual([{ code: 1005, reason: '' }, undefined]);
  });

  it('[TAB5] hear of a refusal if it was of their token; all others try again with theirs', async () => {
    const place = new Place();
    const claims = { sub: 'anna', grants: [] };
    const [old, fresh] = [tokenOf({ ...claims, exp: 1 }), tokenOf({ ...claims, exp: 2 })];
    const [a, b, c] = [new TabSide(place, old), new TabSide(place, fresh), new TabSide(place, old)];
    place.server.listener.opened();
    place.server.says({ say: 'refused', channel: 0, code: 'token_expired', detail: '' });
    expect([a.saw, b.saw, c.saw]).toEqual([['refused'], [], ['refused']]);
    expect(b.closed?.code).toBe(1006);
    place.server.closes(4401, 'expired');
    expect([a.closed, c.closed]).toEqual([
      { code: 4401, reason: 'expired' },
      { code: 4401, reason: 'expired' },
    ]);
  });

  it('[TAB5] hear how the socket ended before anybody said who he is', () => {
    const place = new Place();
    const tabs = [new TabSide(place), new TabSide(place)];
    place.server.closes(1013, 'too many');
    expect(tabs.map(({ closed }) => closed)).toEqual([
      { code: 1013, reason: 'too many' },
      { code: 1013, reason: 'too many' },
    ]);
  });

  it('[TAB6] are told of a renewal, for which the server is asked once', async () => {
    const place = new Place();
    const claims = { sub: 'anna', grants: [] };
    const tokens = [1, 2, 3, 4].map((exp) => tokenOf({ ...claims, exp }));
    const [a, b] = (await place.welcomed(tokens[0]!, tokens[0]!)) as [TabSide, TabSide];
    a.says({ say: 'renew', token: tokens[1]! });
    b.says({ say: 'renew', token: tokens[2]! });
    expect(place.server.heardOf('renew')).toEqual([{ say: 'renew', token: tokens[1] }]);
    place.server.says({ say: 'renewed', expiresInMs: 90_000 });
    expect([a.heard.at(-1), b.heard.at(-1)]).toEqual([
      { say: 'renewed', expiresInMs: 90_000 },
      { say: 'renewed', expiresInMs: 90_000 },
    ]);
    place.nowMs += 1_000;
    b.says({ say: 'renew', token: tokens[2]! });
    expect(b.heard.at(-1)).toEqual({ say: 'renewed', expiresInMs: 89_000 });
    expect(place.server.heardOf('renew')).toHaveLength(1);

    // The next one is asked for, and if it is refused that is about the tab whose token it was.
    place.nowMs += 60_000;
    b.says({ say: 'renew', token: tokens[3]! });
    place.server.says({ say: 'refused', channel: 0, code: 'unauthenticated', detail: '' });
    expect([a.closed?.code, b.closed, b.saw.at(-1)]).toEqual([1006, undefined, 'refused']);
  });

  it('[TAB6] that log in with other grants are heard by the server, however soon after a renewal', async () => {
    const place = new Place();
    const [a] = await place.welcomed(tokenOf({ sub: 'anna' }));
    a!.says({ say: 'renew', token: tokenOf({ sub: 'anna', exp: 2 }) });
    place.server.says({ say: 'renewed', expiresInMs: 90_000 });
    const more = tokenOf({ sub: 'anna', grants: ['all'] });
    a!.says({ say: 'renew', token: more });
    expect(place.server.heardOf('renew').at(-1)).toEqual({ say: 'renew', token: more });
    expect(place.server.heardOf('renew')).toHaveLength(2);
  });

  it('[TAB6] [TAB3] that renew as somebody else come back on another socket, and nobody else notices', async () => {
    const place = new Place();
    const [a, b] = await place.welcomed(tokenOf({ sub: 'anna' }), tokenOf({ sub: 'anna' }));
    b!.says({ say: 'renew', token: tokenOf({ sub: 'ben' }) });
    expect([a!.closed, b!.closed?.code, place.server.heardOf('renew').length]).toEqual([undefined, 1006, 0]);
    // Alone, the server is asked: it may know both for the same.
    a!.says({ say: 'renew', token: 'another' });
    expect(place.server.heardOf('renew')).toHaveLength(1);
  });

  it('[TAB7] [NAT11] are answered here, while the socket has signs of life of its own', async () => {
    const place = new Place();
    const [a, b] = (await place.welcomed('', '')) as [TabSide, TabSide];
    a.opens(1, 'first');
    for (let turn = 0; turn < 20; turn++) {
      place.pass(signOfLifeMs);
      place.server.says({ say: 'pong' });
      a.says({ say: 'verify', channel: 1 });
      b.says({ say: 'ping' });
    }
    // Whoever only speaks hears something, too.
    expect(a.saw.filter((say) => say === 'pong').length).toBeGreaterThanOrEqual(19);
    expect(b.saw.filter((say) => say === 'pong')).toHaveLength(20);
    expect(place.server.heardOf('ping').length).toBeGreaterThanOrEqual(18);
    expect(place.server.heardOf('ping').length).toBeLessThanOrEqual(22);

    place.pass(maxSilenceMs - 1);
    expect([a.closed, b.closed, place.server.isClosed]).toEqual([undefined, undefined, false]);
    place.pass(1);
    expect([a.closed?.code, b.closed?.code, place.server.isClosed]).toEqual([1006, 1006, true]);
  });

  it('[TAB7] that say nothing for minutes are let go, with what they had open', async () => {
    const place = new Place();
    const [a, b] = (await place.welcomed('', '')) as [TabSide, TabSide];
    b.opens(1, 'first');
    for (let turn = 0; turn < 12; turn++) {
      place.pass(signOfLifeMs);
      place.server.says({ say: 'pong' });
      a.says({ say: 'ping' });
    }
    expect([a.closed, b.closed?.code]).toEqual([undefined, 1006]);
    expect(place.server.heardOf('close')).toEqual([{ say: 'close', channel: 1 }]);
  });

  it('[TAB7] wait for a server that does not answer for as long as one connection would', () => {
    for (const isOpened of [false, true]) {
      const place = new Place();
      const a = new TabSide(place, '');
      if (isOpened) place.server.listener.opened();
      place.pass(9_000);
      // Another one that comes meanwhile does not make it wait longer.
      const b = new TabSide(place, '');
      place.pass(1_000);
      expect([a.closed?.code, b.closed?.code, place.server.isClosed]).toEqual([1006, 1006, true]);
      new TabSide(place, '');
      expect(place.servers).toHaveLength(2);
    }
  });

  it('[TAB7] end with a server that says what cannot be read', async () => {
    const place = new Place();
    const [a] = await place.welcomed('');
    place.server.listener.received(Uint8Array.of(9, 128));
    expect([a!.closed?.code, place.reported.length, place.server.isClosed]).toEqual([1006, 1, true]);
  });

  it('[TAB4] take another socket when one has a thousand documents open', async () => {
    const place = new Place();
    const [a] = (await place.welcomed('')) as [TabSide];
    for (let channel = 1; channel <= 1_024; channel++) a.opens(channel, `${channel}`);
    new TabSide(place, '');
    expect(place.servers).toHaveLength(2);
    a.says({ say: 'close', channel: 1 });
    new TabSide(place, '');
    expect(place.servers).toHaveLength(2);
  });
});
