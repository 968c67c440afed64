// The bytes of docs/hocuspocus.md, held to the stock providers and to the server: what those say and understand, and what it does.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import * as Y from 'yjs';
import { documentName } from '@syncline/shared';
import { Core } from '../core/core.ts';
import { HocuspocusClient, hocuspocusVersions } from '../support/hocuspocus-client.ts';
import { HocuspocusCoreSession } from '../support/hocuspocus-session.ts';
import { until } from '../support/until.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/hocuspocus.md'), 'utf8');

/** Rows of the table of messages: who says it, which one it is, and its bytes. */
const rows = [...page.matchAll(/^\| (client|server) +\| ([^|]+?) +\| `([\da-f ]+)` +\|/gm)].map(
  ([, from, name, hex]) => ({ from: from!, name: name!, bytes: bytesOf(hex!) }),
);

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.split(' '), (byte) => Number.parseInt(byte, 16));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

function row(from: 'client' | 'server', name: string): Uint8Array {
  const found = rows.find((each) => each.from === from && each.name === name);
  if (!found) throw new Error(`the table has no row ${from} ${name}`);
  return found.bytes;
}

const client = (name: string): string => hexOf(row('client', name));
const server = (name: string): string => hexOf(row('server', name));

/** A server that says what the test says, and keeps what the provider does. */
class Counterpart implements AsyncDisposable {
  readonly heard: string[] = [];
  readonly #server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  #socket: WebSocket | undefined;

  constructor() {
    this.#server.on('connection', (socket) => {
      this.#socket = socket;
      socket.on('message', (data: Buffer) => this.heard.push(hexOf(data)));
    });
  }

  async url(): Promise<string> {
    if (!this.#server.address()) await once(this.#server, 'listening');
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  say(name: string): void {
    this.#socket!.send(row('server', name));
  }

  async hears(times: number): Promise<void> {
    await until(`${times} frames have come`, () => this.heard.length >= times);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

describe.each(hocuspocusVersions)('@hocuspocus/provider %s', (version) => {
  it(`[HOC11] @hocuspocus/provider ${version}: says and understands the bytes of the table`, async () => {
    await using counterpart = new Counterpart();
    const doc = Object.assign(new Y.Doc(), { clientID: 1 });
    const anna = HocuspocusClient.on(await counterpart.url(), version, {
      document: 'notes',
      token: 't',
      doc,
    });
    const token = version === '4.8' ? 'token, version 4.8.0' : 'token';
    await counterpart.hears(3);
    expect(counterpart.heard.splice(0)).toEqual([token, 'request', 'presence, as it begins'].map(client));

    counterpart.say('greeting');
    counterpart.say('authenticated, to read and write');
    counterpart.say('request');
    await counterpart.hears(1);
    expect(counterpart.heard.splice(0)).toEqual([client('answer that nothing is missing')]);
    expect(anna.scopes).toEqual(['read-write']);
    counterpart.say('answer that nothing is lacking');
    await anna.synced();
    expect(anna.provider.unsyncedChanges).toBe(1);
    counterpart.say('status: saved');
    await until('it counts', () => anna.provider.unsyncedChanges === 0);

    anna.text.insert(0, 'hi');
    anna.awareness.setLocalState({ name: 'A' });
    anna.provider.sendStateless('hello');
    await counterpart.hears(3);
    expect(counterpart.heard.splice(0)).toEqual(['update', 'presence', 'stateless'].map(client));
    counterpart.say('status: rejected');
    counterpart.say('update');
    counterpart.say('presence');
    await until('it has both', () => anna.content === 'hi!' && anna.awareness.getStates().has(2));
    expect(anna.awareness.getStates().get(2)).toEqual({ name: 'B' });
    expect(anna.provider.unsyncedChanges).toBe(1);
    counterpart.say('presence of somebody who has left');
    await until('it is gone', () => !anna.awareness.getStates().has(2));
    counterpart.say('stateless');
    counterpart.say('authenticated, to read alone');
    counterpart.say('sign of life');
    await until('it has heard that', () => anna.scopes.length === 2);
    expect([anna.payloads, anna.scopes[1]]).toEqual([['hello'], 'readonly']);
    // Those before 4 pass on what they hear of others.
    counterpart.heard.length = 0;
    counterpart.say('request for presence');
    await counterpart.hears(1);
    expect(counterpart.heard.splice(0)).toEqual([client('presence')]);
    for (const name of ['request for a token', 'denied']) counterpart.say(name);
    await until('it is told', () => anna.denials.length === 1);
    expect(anna.denials).toEqual(['forbidden: The principal has no grant for this.']);
    counterpart.say('request');
    // Version 2 knows no request for a token, and leaves when it is denied.
    const last =
      version === '2.15'
        ? ['presence: it has left, version 2']
        : [token, 'answer', 'presence: it has left', 'close'];
    await counterpart.hears(version === '2.15' ? 1 : 2);
    anna.provider.destroy();
    await counterpart.hears(last.length);
    expect(counterpart.heard).toEqual(last.map(client));
    anna[Symbol.dispose]();
  });
});

describe('the server', () => {
  it('[HOC11] understands and says the bytes of the table', async () => {
    await using core = new Core();
    const rights = { writes: true, mayRead: true };
    const may = (action: string): boolean => (action === 'read' ? rights.mayRead : rights.writes);
    const anna = new HocuspocusCoreSession(core, {
      principals: { t: { id: 'anna', validForMs: 1_000, may } },
      onStateless: ({ payload, reply }) => reply(payload),
    });
    const { frames } = anna.outbox;
    const says = async (...names: string[]): Promise<void> => {
      await until('it is said', () => frames.length >= names.length);
      expect(frames.splice(0).map(hexOf)).toEqual(names.map(server));
    };
    const say = (name: string): void => anna.say(row('client', name));
    anna.session.begin();
    say('token, version 4.8.0');
    say('request');
    await says('greeting', 'authenticated, to read and write', 'request', 'answer that nothing is lacking');
    say('answer that nothing is missing');
    await says('status: saved');
    say('presence');
    core.clock.advance(50);
    say('update');
    await says('status: saved');
    say('stateless');
    await says('stateless');
    say('ping');
    await says('pong');
    anna.session.keepAlive();
    await says('sign of life');

    // Somebody else: an edit, a cursor, and then neither.
    const ben = new HocuspocusCoreSession(core, { principals: { t: { id: 'ben', may: () => true } } });
    ben.say(row('client', 'token'), row('client', 'request'));
    await ben.hears('answer');
    ben.say(row('server', 'update'), row('server', 'presence'));
    await says('update');
    core.clock.advance(50);
    frames.splice(0, frames.length - 1);
    await says('presence');
    ben.say(row('server', 'presence of somebody who has left'));
    core.clock.advance(50);
    await says('presence of somebody who has left');
    say('request');
    await until('it is answered', () => frames.length === 2);
    frames.length = 0;
    say('answer');
    await says('status: saved');

    core.clock.advance(800 - core.clock.now());
    await says('request for a token');
    rights.writes = false;
    say('token');
    await says('authenticated, to read alone');
    say('update');
    await says('status: rejected');
    rights.mayRead = false;
    say('token');
    await says('denied');
    say('presence: it has left');
    say('presence, as it begins');
    say('close');
    await new Promise(setImmediate);
    expect([frames, anna.outbox.closedWith]).toEqual([[], undefined]);
    expect(anna.stateless.broadcast(documentName('notes'), '')).toBe(0);
  });

  it('[HOC11] has every message in the table once', () => {
    const names = rows.map(({ from, name }) => `${from} ${name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(25);
  });
});
