// Dialing another replica: real sockets to whatever may be found there, under a clock that the test moves.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { SocketDialer } from '@syncline/server/socket/dialer.ts';
import {
  closeWithinMs,
  dialWithinMs,
  keepAliveMs,
  maxReplicaFrameBytes,
  maxUnknownBytes,
  socketSweepMs,
  speakWithinMs,
} from '@syncline/server/socket/limits.ts';
import { describe, expect, it } from 'vitest';
import { Edge } from '../core/edge.ts';
import { until } from '../support/until.ts';
import { Listener } from './listener.ts';
import { RecordingSession } from './recording-session.ts';

const maxFrameBytes = 4_096;

/** One dial from an edge, and what became of it. */
class Dialed {
  readonly sessions: RecordingSession[] = [];
  readonly failures: string[] = [];
  readonly cancel: () => void;

  /** `knows`: whoever answered is taken for another replica at once. */
  constructor({ core, sockets }: Edge, url: string, knows = true) {
    const dialer = new SocketDialer({
      clock: core.clock,
      observe: core.observed,
      maxFrameBytes,
      adopt: (connection, socket) => sockets.adopt(connection, socket),
    });
    const dial = dialer.dial(url, {
      open: (outbox, isKnown) => {
        if (knows) isKnown();
        const session = new RecordingSession(outbox);
        this.sessions.push(session);
        return session;
      },
      failed: (reason) => this.failures.push(reason),
    });
    this.cancel = () => dial.cancel();
  }

  async opened(): Promise<RecordingSession> {
    const [session] = await this.#ended(this.sessions, this.failures);
    return session!;
  }

  async failed(): Promise<string> {
    const [reason] = await this.#ended(this.failures, this.sessions);
    return reason!;
  }

  /** Resolves when it has come to what is expected, once and to nothing else. */
  async #ended<What>(expected: readonly What[], others: readonly unknown[]): Promise<readonly What[]> {
    await until('the dial has an end', () => expected.length + others.length > 0);
    if (expected.length !== 1 || others.length > 0)
      throw new Error(`it ended otherwise: ${this.sessions.length} sessions, ${this.failures.join()}`);
    return expected;
  }
}

function at(port: number, scheme = 'ws'): string {
  return `${scheme}://127.0.0.1:${port}/replicate`;
}

async function isOpenAt(listener: Listener) {
  await until('it is connected', () => listener.sockets.length > 0);
  return listener.sockets[0]!;
}

/** A port at which nothing listens: one that was free a moment ago. */
async function nowhere(): Promise<number> {
  await using listener = await Listener.webSocket();
  return listener.port;
}

describe('a dial', () => {
  it('[OPR3] gives a session what arrives, and takes what it says, as it is', async () => {
    await using edge = await Edge.open();
    await using listener = await Listener.webSocket();
    const session = await new Dialed(edge, at(listener.port)).opened();
    const peer = await isOpenAt(listener);
    const heard: Buffer[] = [];
    peer.on('message', (data: Buffer) => heard.push(data));
    const said = Uint8Array.from({ length: 1_000 }, (_, index) => index);
    const kept = said.slice();
    session.outbox.send(said);
    peer.send(Uint8Array.of(1, 2, 3));
    await until('both have heard', () => heard.length === 1 && session.frames.length === 1);
    expect(heard[0]).toEqual(Buffer.from(kept));
    // A client masks what it sends, and the frame may be on its way to others.
    expect(said).toEqual(kept);
    expect(session.frames[0]).toEqual(Buffer.of(1, 2, 3));
    peer.close();
    await until('it is told of the end', () => session.isClosed);
    await until('nothing is left of it', () => edge.sockets.count === 0);
  });

  it.each(['127.0.0.1', 'localhost'])(
    '[OPR3] to a port of %s where nothing listens fails in words',
    async (host) => {
      await using edge = await Edge.open();
      const port = await nowhere();
      expect(await new Dialed(edge, `ws://${host}:${port}/replicate`).failed()).toBe(
        `nothing listens at ${host}:${port}`,
      );
      expect(edge.sockets.count).toBe(0);
    },
  );

  it('[OPR3] to a name that nobody knows fails in words', async () => {
    await using edge = await Edge.open();
    const words = await new Dialed(edge, 'ws://nowhere.invalid:7070/replicate').failed();
    // A machine without a name server cannot know that there is no such name.
    expect(words).toMatch(
      /^(the name nowhere\.invalid is not known|no name server answers for nowhere\.invalid)$/,
    );
  });

  it.each([
    ['what is no URL', '127.0.0.1:7070', /^127\.0\.0\.1:7070 cannot be dialed: /],
    ['a URL of another kind', 'ftp://127.0.0.1/replicate', /^ftp:.* cannot be dialed: /],
  ])('[OPR3] to %s fails in words, and not before there is a dial', async (_, url, words) => {
    await using edge = await Edge.open();
    const dialed = new Dialed(edge, url);
    expect(dialed.failures).toEqual([]);
    expect(await dialed.failed()).toMatch(words);
  });

  it.each([200, 301, 404, 503])('[OPR3] that is answered with HTTP %d fails in words', async (status) => {
    await using edge = await Edge.open();
    await using listener = await Listener.http(status);
    const words = await new Dialed(edge, at(listener.port)).failed();
    expect(words).toMatch(new RegExp(`^127\\.0\\.0\\.1:\\d+ answered with HTTP status ${status} and opened`));
    await until('the socket is gone', () => listener.connections === 0);
  });

  it('[OPR3] to a certificate that nobody has signed, or to no TLS at all, fails in words', async () => {
    await using edge = await Edge.open();
    await using secure = await Listener.tls();
    expect(await new Dialed(edge, at(secure.port, 'wss')).failed()).toMatch(
      /^the certificate of 127\.0\.0\.1:\d+ is not accepted: [^\n]+$/,
    );
    await using plain = await Listener.webSocket();
    expect(await new Dialed(edge, at(plain.port, 'wss')).failed()).toMatch(
      /^127\.0\.0\.1:\d+ (cannot be connected to: [^\n]+|broke the connection off)$/,
    );
    for (const listener of [secure, plain])
      await until('the socket is gone', () => listener.connections === 0);
  });

  it.each([
    ['says nothing', (): void => {}],
    ['says something now and then', (socket: Socket) => socket.write('HTTP/1.1 101')],
    ['asks for patience', (socket: Socket) => socket.write('HTTP/1.1 102 Processing\r\n\r\n')],
  ])('[OPR3] to somebody who takes it and %s is given up after its time', async (_, answer) => {
    await using edge = await Edge.open();
    await using listener = await Listener.raw(answer);
    const dialed = new Dialed(edge, at(listener.port));
    await until('it is connected', () => listener.connections === 1);
    edge.core.clock.advance(dialWithinMs - 1);
    expect(dialed.failures).toEqual([]);
    edge.core.clock.advance(1);
    expect(await dialed.failed()).toMatch(/^127\.0\.0\.1:\d+ does not answer$/);
    await until('the socket is gone', () => listener.connections === 0);
  });

  it('[OPR3] to somebody who breaks it off fails in words', async () => {
    await using edge = await Edge.open();
    await using listener = await Listener.raw((socket) => socket.resetAndDestroy());
    expect(await new Dialed(edge, at(listener.port)).failed()).toMatch(/ broke the connection off$/);
  });

  it('[OPR3] that is given up comes to nothing, and leaves no socket', async () => {
    await using edge = await Edge.open();
    await using listener = await Listener.raw(() => {});
    const dialed = new Dialed(edge, at(listener.port));
    await until('it is connected', () => listener.connections === 1);
    dialed.cancel();
    dialed.cancel();
    await until('the socket is gone', () => listener.connections === 0);
    edge.core.clock.advance(2 * dialWithinMs);
    expect([dialed.sessions, dialed.failures]).toEqual([[], []]);
  });

  it('[OPR3] that is given up at once comes to nothing, wherever it goes', async () => {
    await using edge = await Edge.open();
    await using listener = await Listener.webSocket();
    const urls = [at(listener.port), at(await nowhere()), 'no url'];
    const dialed = urls.map((url) => new Dialed(edge, url));
    for (const each of dialed) each.cancel();
    // Whoever is dialed after them is connected after them.
    await new Dialed(edge, at(listener.port)).opened();
    expect(dialed.flatMap(({ sessions, failures }) => [...sessions, ...failures])).toEqual([]);
    await until('there is one socket', () => listener.connections === 1);
  });

  it('[OPR3] that has a connection is no longer given up', async () => {
    await using edge = await Edge.open();
    await using listener = await Listener.webSocket();
    const dialed = new Dialed(edge, at(listener.port));
    const session = await dialed.opened();
    dialed.cancel();
    (await isOpenAt(listener)).send('x'.repeat(3), { binary: true });
    await until('it hears', () => session.frames.length === 1);
    expect([session.isClosed, dialed.failures]).toEqual([false, []]);
  });
});

describe('a connection that was dialed', () => {
  it('[OPR4] is closed when the other side does not begin', async () => {
    await using edge = await Edge.open();
    await using listener = await Listener.webSocket();
    const session = await new Dialed(edge, at(listener.port)).opened();
    const closed = once(await isOpenAt(listener), 'close');
    edge.core.clock.advance(speakWithinMs);
    expect(session.ends).toEqual([]);
    edge.core.clock.advance(socketSweepMs);
    expect((await closed)[0]).toBe(1008);
    expect(session.ends).toMatchObject([{ code: 'silent' }]);
  });

  it('[OPR4] is kept alive while nothing is said', async () => {
    await using edge = await Edge.open();
    await using listener = await Listener.webSocket();
    const session = await new Dialed(edge, at(listener.port)).opened();
    (await isOpenAt(listener)).send(Uint8Array.of(1));
    await until('the other side has begun', () => session.hasSpoken);
    edge.core.clock.advance(keepAliveMs + socketSweepMs);
    expect(session.keptAlive).toBeGreaterThan(0);
  });

  it('[OPR4] takes no frame that is larger than replicas send, and no text', async () => {
    await using edge = await Edge.open();
    const largest = maxReplicaFrameBytes(maxFrameBytes);
    for (const [frame, code] of [
      [Buffer.alloc(largest + 1), 4413],
      ['text', 4400],
    ] as const) {
      await using listener = await Listener.webSocket();
      const session = await new Dialed(edge, at(listener.port)).opened();
      const peer = await isOpenAt(listener);
      const closed = once(peer, 'close');
      peer.send(Buffer.alloc(largest));
      peer.send(frame);
      expect((await closed)[0]).toBe(code);
      await until('it is told of the end', () => session.isClosed);
      expect(session.frames).toHaveLength(1);
    }
  });

  it('[OPR5] is read no more than a greeting of whoever answers, until that one is known', async () => {
    await using edge = await Edge.open();
    await using listener = await Listener.webSocket();
    const session = await new Dialed(edge, at(listener.port), false).opened();
    const peer = await isOpenAt(listener);
    peer.send(Buffer.alloc(maxUnknownBytes * 2));
    await until('it is told of the end', () => session.isClosed);
    expect(session.frames).toEqual([]);
  });

  it('[OPR4] is told when the server stops, and so is one that comes too late', async () => {
    await using edge = await Edge.open();
    await using listener = await Listener.webSocket();
    await new Dialed(edge, at(listener.port)).opened();
    const closed = once(await isOpenAt(listener), 'close');
    edge.sockets.stopReading();
    const late = await new Dialed(edge, at(listener.port)).opened();
    const drained = edge.sockets.drain();
    expect((await closed)[0]).toBe(1012);
    edge.core.clock.advance(closeWithinMs);
    await drained;
    await until('the late one has ended', () => late.isClosed);
    expect(edge.sockets.count).toBe(0);
  });
});
