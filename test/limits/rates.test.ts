// What is done too fast waits, and nobody else does; under a clock that the test moves.
import { presenceRate, presenceTickMs } from '@syncline/server/core/limits.ts';
import type { Access } from '@syncline/server/port/access.ts';
import { type Up, upCodec } from '@syncline/shared';
import { openBurstSeconds, openPace, socketSweepMs, speakWithinMs } from '@syncline/server/socket/limits.ts';
import { describe, expect, it } from 'vitest';
import { Core } from '../core/core.ts';
import { Edge } from '../core/edge.ts';
import type { RecordingSpeaker } from '../core/recording-speaker.ts';
import { NativeClient } from '../support/native-client.ts';
import { RawClient } from '../support/raw-client.ts';
import { settled } from '../support/sdk-client.ts';
import { until } from '../support/until.ts';
import { WireClient } from '../support/wire-client.ts';

const perSecond = 2;
const atOnce = perSecond * openBurstSeconds;
const oneMs = 1_000 / perSecond;

/** Opens so many documents, each under a new number. */
function openMany(client: NativeClient, count: number, first = 1): void {
  for (let channel = first; channel < first + count; channel++) client.open(channel, `notes/${channel}`);
}

/** Lets everything come to pass that waits for no timer: somebody else is served meanwhile. */
async function othersAreServed({ sync }: Edge): Promise<void> {
  using other = await NativeClient.greet(sync);
  for (let round = 0; round < 3; round++) await other.roundTrip();
}

/** A native session that comes from an address of its own. */
class NativeWire implements Disposable {
  readonly #wire: WireClient;

  private constructor(wire: WireClient) {
    this.#wire = wire;
  }

  static async greet({ port }: Edge, token: string, from: string): Promise<NativeWire> {
    const native = new NativeWire(await WireClient.open(port, '/sync', from));
    await native.#answered({ say: 'hello', lowestVersion: 1, highestVersion: 1, token });
    return native;
  }

  open(channel: number): void {
    this.#say({
      say: 'open',
      channel,
      document: `notes/${channel}`,
      engine: 'yjs',
      incarnation: 0,
      resume: undefined,
    });
  }

  async roundTrip(): Promise<void> {
    await this.#answered({ say: 'ping' });
  }

  #say(message: Up): void {
    this.#wire.send(upCodec.encode(message));
  }

  async #answered(message: Up): Promise<void> {
    const before = this.#wire.messages.length;
    this.#say(message);
    await until(`${message.say} is answered`, () => this.#wire.messages.length > before);
  }

  [Symbol.dispose](): void {
    this.#wire[Symbol.dispose]();
  }
}

/** Lets in whoever says a name. */
const byName: Access = {
  isOpen: false,
  identify: ({ token }) =>
    Promise.resolve({ id: token, validForMs: undefined, isAdmin: false, may: () => true }),
};

describe('opening documents', () => {
  it('[LIM6] at the rate goes on at once, and faster waits with all that is behind', async () => {
    await using edge = await Edge.open({ maxOpensPerSecond: perSecond });
    using client = await NativeClient.greet(edge.sync);
    openMany(client, atOnce);
    await client.roundTrip();
    expect(edge.core.documents.count).toBe(atOnce);
    openMany(client, 3, atOnce + 1);
    client.say({ say: 'ping' });
    for (let waited = 0; waited < 3; waited++) {
      await othersAreServed(edge);
      expect([edge.core.documents.count, client.of('pong').length]).toEqual([atOnce + waited, 1]);
      edge.core.clock.advance(oneMs - 1);
      await othersAreServed(edge);
      expect(edge.core.documents.count).toBe(atOnce + waited);
      edge.core.clock.advance(1);
      await until('the next is open', () => edge.core.documents.count === atOnce + waited + 1);
    }
    await client.hears('pong', 2);
    expect(client.ended).toBeUndefined();
  });

  it('[LIM6] waits on every socket of the address, and what is open goes on', async () => {
    await using edge = await Edge.open({ maxOpensPerSecond: perSecond });
    using first = await NativeClient.greet(edge.sync);
    openMany(first, atOnce);
    await first.roundTrip();
    using second = await NativeClient.greet(edge.sync);
    second.open(1, 'notes/second');
    second.say({ say: 'ping' });
    using stock = await RawClient.join(edge.yjs, 'notes/third');
    await othersAreServed(edge);
    await first.roundTrip();
    expect([edge.core.documents.count, second.of('pong').length, stock.frames.length]).toEqual([
      atOnce,
      0,
      0,
    ]);
    edge.core.clock.advance(2 * oneMs);
    await second.hears('pong');
    await stock.answered();
    expect(edge.core.documents.count).toBe(atOnce + 2);
  });

  it('[LIM6] waits for a principal wherever it comes from, and for no other', async () => {
    await using edge = await Edge.open({ maxOpensPerSecond: perSecond, access: byName });
    using anna = await NativeWire.greet(edge, 'anna', '127.0.0.2');
    for (let at = 1; at <= atOnce; at++) anna.open(at);
    await anna.roundTrip();
    using elsewhere = await NativeWire.greet(edge, 'anna', '127.0.0.3');
    using ben = await NativeWire.greet(edge, 'ben', '127.0.0.3');
    elsewhere.open(1);
    const answered = settled(elsewhere.roundTrip());
    for (let at = 1; at < atOnce; at++) ben.open(at);
    await ben.roundTrip();
    expect(answered.is).toBe('open');
    edge.core.clock.advance(oneMs);
    await until('it is answered', () => answered.is === 'resolved');
  });

  it('[LIM6] comes at a pace even where very many may come at once', async () => {
    await using edge = await Edge.open({ maxOpensPerSecond: openPace.perSecond });
    using client = await NativeClient.greet(edge.sync);
    openMany(client, openPace.atOnce + 1);
    client.say({ say: 'ping' });
    await othersAreServed(edge);
    expect([edge.core.documents.count, client.of('pong').length]).toEqual([openPace.atOnce, 0]);
    edge.core.clock.advance(1_000 / openPace.perSecond);
    await client.hears('pong');
    expect(edge.core.documents.count).toBe(openPace.atOnce + 1);
  });

  it('[LIM6] by stock clients waits for longer than a silent socket may be open, and ends for all', async () => {
    await using edge = await Edge.open({ maxOpensPerSecond: perSecond });
    const count = (2 * speakWithinMs) / oneMs;
    const clients: RawClient[] = [];
    for (let at = 0; at < atOnce + count; at++) clients.push(await RawClient.join(edge.yjs, `notes/${at}`));
    await othersAreServed(edge);
    expect(clients.filter(({ frames }) => frames.length > 0)).toHaveLength(atOnce);
    for (let waited = 0; waited < count; waited++) {
      edge.core.clock.advance(oneMs);
      await until('the next is answered', () => clients[atOnce + waited]!.frames.length > 0);
    }
    expect(clients.filter(({ ended }) => ended)).toEqual([]);
    for (const client of clients) client[Symbol.dispose]();
  });

  it('[LIM1] [YWS9] a stock client that waited has as long to begin as any other', async () => {
    await using edge = await Edge.open({ maxOpensPerSecond: perSecond });
    using native = await NativeClient.greet(edge.sync);
    openMany(native, atOnce + 20);
    await othersAreServed(edge);
    using silent = await RawClient.open(edge.yjs, 'silent');
    await othersAreServed(edge);
    edge.core.clock.advance(21 * oneMs);
    await until('it is let in', () => silent.frames.length > 0);
    edge.core.clock.advance(speakWithinMs - 1);
    await othersAreServed(edge);
    expect(silent.ended).toBeUndefined();
    edge.core.clock.advance(socketSweepMs + 1);
    expect((await silent.closed).code).toBe(1008);
  });
});

/** Less than one entry's time at the rate. */
const stepMs = 5;

/** Says that a client is where it is, so many times over. */
function move(speaker: RecordingSpeaker, times: number, from: number): void {
  for (let at = 0; at < times; at++) speaker.channel.presence([entry(1, from + at)]);
}

function entry(client: number, at: number) {
  return { client, clock: at, state: new TextEncoder().encode(`{"at":${at}}`) };
}

/** The last place of a client that a session was told. */
function seen(speaker: RecordingSpeaker, client: number): number {
  return Math.max(
    0,
    ...speaker.presences
      .flat()
      .filter((each) => each.client === client)
      .map(({ clock }) => clock),
  );
}

describe('presence', () => {
  it('[LIM7] at the rate goes on, and faster waits without anybody else noticing', async () => {
    await using core = new Core();
    const [anna, ben] = [await core.join(), await core.join()];
    move(anna, presenceRate.atOnce, 1);
    core.clock.advance(presenceTickMs);
    expect(seen(ben, 1)).toBe(presenceRate.atOnce);
    core.clock.advance(60_000);
    move(anna, presenceRate.atOnce + presenceRate.perSecond, presenceRate.atOnce + 1);
    const last = 2 * presenceRate.atOnce + presenceRate.perSecond;
    ben.channel.presence([entry(2, 1)]);
    core.clock.advance(presenceTickMs);
    expect(seen(anna, 2)).toBe(1);
    expect(seen(ben, 1)).toBeLessThan(last);
    const beganMs = core.clock.now() - presenceTickMs;
    while (core.documents.queuedBytes > 0) {
      core.clock.advance(stepMs);
      await new Promise(setImmediate);
    }
    const tookMs = core.clock.now() - beganMs;
    expect(tookMs).toBeGreaterThanOrEqual(1_000);
    expect(tookMs).toBeLessThan(1_000 + presenceTickMs + stepMs);
    core.clock.advance(presenceTickMs);
    expect(seen(ben, 1)).toBe(last);
    expect(anna.refused).toBeUndefined();
  });

  it('[LIM7] that waits does not hold up a server that is stopping', async () => {
    await using core = new Core();
    const anna = await core.join();
    move(anna, 2 * presenceRate.atOnce, 1);
    const update = new Uint8Array([1, 1, 7, 0, 4, 1, 1, 97, 1, 120, 0]);
    anna.channel.update(update);
    await new Promise(setImmediate);
    expect(core.documents.queuedBytes).toBeGreaterThan(0);
    await core.documents.drain();
    expect(core.observed.accepted).toBe(1);
  });
});
