import { type Down, downCodec, SyncError, type Up, upCodec } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import { Connection } from './connection.ts';
import type { Token } from './credentials.ts';
import type { Platform, SocketListener } from './platform.ts';

const welcome: Down = {
  say: 'welcome',
  version: 1,
  replica: new Uint8Array(16),
  epoch: new Uint8Array(8),
  durability: 'full',
  maxFrameBytes: 1_000,
  expiresInMs: 60_000,
};
const renewed: Down = { say: 'renewed', expiresInMs: 60_000 };
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function refused(code: 'token_expired' | 'unauthenticated'): Down {
  const { detail } = new SyncError(code);
  return { say: 'refused', channel: 0, code, detail };
}

/** A client, and what a server is on the other side of its sockets. */
class Sides {
  readonly connection: Connection;
  /** The tokens that were said, on all sockets. */
  readonly tokens: string[] = [];
  #listener!: SocketListener;
  #timers: (() => void)[] = [];

  constructor(token: Token) {
    const platform: Platform = {
      now: () => 0,
      epochMs: () => 0,
      after: (_delayMs, action) => {
        this.#timers.push(action);
        return () => (this.#timers = this.#timers.filter((each) => each !== action));
      },
      fraction: () => 0,
      connect: (_url, listener) => {
        this.#listener = listener;
        return { send: (frame) => this.#heard(upCodec.decode(frame)), close: () => {} };
      },
      onOnline: () => () => {},
      report: () => {},
    };
    this.connection = new Connection({ url: 'ws://127.0.0.1/sync', token }, platform, () => {});
    this.connection.start();
  }

  async letsIn(): Promise<void> {
    this.#listener.opened();
    await settle();
    await this.says(welcome);
  }

  async says(message: Down): Promise<void> {
    this.#listener.received(downCodec.encode(message));
    await settle();
  }

  /** Whatever is waited for comes due. */
  elapse(): void {
    for (const action of this.#timers.splice(0)) action();
  }

  async login(token: Token): Promise<void> {
    this.connection.login(token);
    await settle();
  }

  #heard(message: Up): void {
    if (message.say === 'hello' || message.say === 'renew') this.tokens.push(message.token);
  }
}

describe('a login while there is a connection', () => {
  it('[SDK22] goes on with the new token where the old one ends before the server has looked at it', async () => {
    const sides = new Sides('old');
    await sides.letsIn();
    await sides.login('new');
    await sides.says(refused('token_expired'));
    expect(sides.connection.state).toMatchObject({ state: 'waiting', reason: 'refused' });

    sides.elapse();
    await sides.letsIn();
    expect(sides.tokens).toEqual(['old', 'new', 'new']);
    expect(sides.connection.state.state).toBe('connected');
  });

  it('[SDK22] says a token that is given meanwhile when the one before it is judged', async () => {
    const sides = new Sides('old');
    await sides.letsIn();
    await sides.login('bad');
    await sides.login('good');
    expect(sides.tokens).toEqual(['old', 'bad']);

    await sides.says(refused('unauthenticated'));
    sides.elapse();
    await sides.letsIn();
    expect(sides.tokens).toEqual(['old', 'bad', 'good']);
    expect(sides.connection.state.state).toBe('connected');
  });

  it('[SDK22] calls a token revoked if it was accepted itself, and not one that was said before', async () => {
    const sides = new Sides('old');
    await sides.letsIn();
    await sides.login('first');
    await sides.login('second');
    await sides.says(renewed);
    expect(sides.tokens).toEqual(['old', 'first', 'second']);
    await sides.says(refused('unauthenticated'));
    expect(sides.connection.state).toMatchObject({ state: 'needs-token', why: 'denied' });
  });

  it('[SDK22] says the token of the last function, however long an earlier one takes', async () => {
    const sides = new Sides('old');
    await sides.letsIn();
    let give!: (token: string) => void;
    await sides.login(() => new Promise<string>((resolve) => (give = resolve)));
    await sides.login(() => 'last');
    await sides.says(renewed);
    give('late');
    await settle();
    expect(sides.tokens).toEqual(['old', 'last']);
    await sides.says(refused('unauthenticated'));
    expect(sides.connection.state).toMatchObject({ state: 'needs-token', why: 'revoked' });
  });
});
