// What comes by the path of replicas and is none, or is one that lies: it is refused with a code, or does harm to nobody else. Two
// real replicas go on replicating meanwhile, and people at both go on typing.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxUnknownBytes } from '@syncline/server/socket/limits.ts';
import { RawReplica } from '../support/raw-replica.ts';
import { Unharmed } from './unharmed.ts';

let pair: Unharmed;

beforeAll(async () => void (pair = await Unharmed.start()));
afterAll(() => pair[Symbol.asyncDispose]());

describe('[REP40] whoever is no replica of this cluster is refused with a code', () => {
  it.each<[what: string, frame: Uint8Array | string, close: number]>([
    ['nothing', new Uint8Array(0), 4400],
    ['noise', randomBytes(200), 4400],
    ['a message that ends too early', Uint8Array.of(0, 1, 1), 4400],
    ['text', 'hello', 4400],
    ['more than is read of a stranger', new Uint8Array(maxUnknownBytes + 1), 4413],
  ])('%s', async (_, frame, close) => {
    await pair.during(async () => {
      using stranger = await RawReplica.dial(pair.east);
      stranger.send(frame);
      expect((await stranger.closed).code).toBe(close);
    });
  });

  it.each([
    ['another cluster', { cluster: 'theirs' }, 'wrong_cluster', 4404],
    ['a newer protocol', { lowestVersion: 7, highestVersion: 9 }, 'unsupported_version', 4406],
    ['a replica id that is none', { replica: randomBytes(7) }, 'bad_frame', 4400],
  ] as const)('%s', async (_, hello, code, close) => {
    await pair.during(async () => {
      using stranger = await RawReplica.greet(pair.east, { hello });
      expect(await stranger.refused()).toEqual({ code, close });
    });
  });

  it('another secret', async () => {
    await pair.during(async () => {
      using stranger = await RawReplica.greet(pair.east, { key: randomBytes(32) });
      expect(await stranger.refused()).toEqual({ code: 'wrong_cluster_key', close: 4401 });
    });
  });

  it('a proof that it has only heard', async () => {
    await pair.during(async () => {
      using stranger = await RawReplica.greet(pair.east);
      stranger.answering.hello = () => {};
      stranger.answering.proof = ({ proof }) => stranger.say({ say: 'proof', proof });
      expect(await stranger.refused()).toEqual({ code: 'wrong_cluster_key', close: 4401 });
    });
  });

  it('a second hello, before it is known and after', async () => {
    await pair.during(async () => {
      using early = await RawReplica.greet(pair.east);
      early.say(early.hello);
      using late = await RawReplica.link(pair.east);
      late.say(late.hello);
      for (const stranger of [early, late])
        expect(await stranger.refused()).toEqual({ code: 'bad_frame', close: 4400 });
    });
  });

  it('something else before the hello', async () => {
    await pair.during(async () => {
      using stranger = await RawReplica.dial(pair.east);
      stranger.beat();
      expect(await stranger.refused()).toEqual({ code: 'bad_frame', close: 4400 });
    });
  });
});
