import {
  maxPresenceBytesOfDocument,
  maxPresenceEntriesOfChannel,
  maxPresenceEntriesOfDocument,
  maxPresenceStateBytes,
  presenceExpiryMs,
  presenceTickMs,
} from '@syncline/server/core/limits.ts';
import type { PresenceEntry } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import { Core } from './core.ts';
import type { RecordingSpeaker } from './recording-speaker.ts';

function entry(client: number, clock: number, json?: string): PresenceEntry {
  return { client, clock, state: json === undefined ? undefined : new TextEncoder().encode(json) };
}

/** The entries that a session was told at its latest, as they would read on the wire. */
function told(speaker: RecordingSpeaker): string[] {
  return (speaker.presences.at(-1) ?? []).map(
    ({ client, clock, state }) => `${client}@${clock} ${state ? new TextDecoder().decode(state) : 'left'}`,
  );
}

describe('presence', () => {
  it('[PRS2] is the last entry of each client, whatever comes late', async () => {
    await using core = new Core();
    const [anna, ben] = [await core.join(), await core.join()];
    anna.channel.presence([entry(1, 5, '"five"'), entry(2, 1, '"two"')]);
    anna.channel.presence([entry(1, 4, '"four"')]);
    anna.channel.presence([entry(1, 5, '"five again"')]);
    core.clock.advance(presenceTickMs);
    expect(told(ben)).toEqual(['1@5 "five"', '2@1 "two"']);
    anna.channel.presence([entry(1, 4)]);
    core.clock.advance(presenceTickMs);
    expect(ben.presences).toHaveLength(1);
  });

  it('[PRS2] lets a removal at the same clock count when it is the owner who says so', async () => {
    await using core = new Core();
    const [anna, ben, cleo] = [await core.join(), await core.join(), await core.join()];
    anna.channel.presence([entry(1, 5, '"here"')]);
    core.clock.advance(presenceTickMs);
    cleo.channel.presence([entry(1, 5)]);
    core.clock.advance(presenceTickMs);
    expect(told(ben)).toEqual(['1@5 "here"']);
    anna.channel.presence([entry(1, 5)]);
    core.clock.advance(presenceTickMs);
    expect(told(ben)).toEqual(['1@5 left']);
  });

  it('[PRS3] ends for a client that says nothing, and not before', async () => {
    await using core = new Core();
    const [anna, ben] = [await core.join(), await core.join()];
    anna.channel.presence([entry(1, 1, '"silent"'), entry(2, 1, '"renewed"')]);
    core.clock.advance(presenceExpiryMs / 2);
    anna.channel.presence([entry(2, 2, '"renewed"')]);
    core.clock.advance(presenceExpiryMs / 2 - 1_000);
    expect(told(ben)).toEqual(['2@2 "renewed"']);
    core.clock.advance(2_000);
    expect(told(ben)).toEqual(['1@1 left']);
    const late = await core.join();
    expect(told(late)).toEqual(['2@2 "renewed"']);
  });

  it('[PRS3] is forgotten when everybody has left, so that the document can go', async () => {
    await using core = new Core();
    const anna = await core.join();
    anna.channel.presence([entry(1, 1, '"here"')]);
    anna.channel.close();
    core.clock.advance(presenceExpiryMs - 2_000);
    expect(core.documents.count).toBe(1);
    core.clock.advance(4_000);
    expect(core.documents.count).toBe(0);
  });

  it('[PRS4] that changes within a tick is sent once, to everybody but who alone said it', async () => {
    await using core = new Core();
    const [anna, ben] = [await core.join(), await core.join()];
    for (let clock = 1; clock <= 50; clock++) anna.channel.presence([entry(1, clock, `${clock}`)]);
    core.clock.advance(presenceTickMs - 1);
    expect(ben.presences).toHaveLength(0);
    core.clock.advance(1);
    expect(ben.presences).toHaveLength(1);
    expect(told(ben)).toEqual(['1@50 50']);
    expect(anna.presences).toHaveLength(0);
    core.clock.advance(10 * presenceTickMs);
    expect(ben.presences).toHaveLength(1);
  });

  it('[PRS4] passes a slow reader by, which is told when it asks', async () => {
    await using core = new Core();
    const [anna, ben] = [await core.join(), await core.join()];
    ben.hasRoom = false;
    anna.channel.presence([entry(1, 1, '"here"')]);
    core.clock.advance(presenceTickMs);
    expect(ben.presences).toHaveLength(0);
    ben.drain();
    ben.channel.presenceRequested();
    expect(told(ben)).toEqual(['1@1 "here"']);
  });

  it('[PRS5] of a client that reconnects with the clock at which it was removed is asked for at once', async () => {
    await using core = new Core();
    const [anna, ben] = [await core.join(), await core.join()];
    anna.channel.presence([entry(1, 3, '"here"')]);
    anna.channel.close();
    core.clock.advance(presenceTickMs);
    expect(told(ben)).toEqual(['1@3 left']);
    const again = await core.join();
    again.channel.presence([entry(1, 3, '"here"')]);
    // Stock clients answer this by saying with the next clock that they are here.
    expect(told(again)).toEqual(['1@3 left']);
    again.channel.presence([entry(1, 4, '"here"')]);
    core.clock.advance(presenceTickMs);
    expect(told(ben)).toEqual(['1@4 "here"']);
  });

  it('[PRS5] of a client whose old session is found dead afterwards is asked for then', async () => {
    await using core = new Core();
    const old = await core.join();
    old.channel.presence([entry(1, 3, '"here"')]);
    const again = await core.join();
    again.channel.presence([entry(1, 3, '"here"')]);
    old.channel.close();
    core.clock.advance(presenceTickMs);
    expect(told(again)).toEqual(['1@3 left']);
  });
});

describe('the bounds of presence', () => {
  it('[PRS6] let a state pass byte for byte, and end the session of one that is a byte larger', async () => {
    await using core = new Core();
    const [anna, ben] = [await core.join(), await core.join()];
    const state = Uint8Array.from({ length: maxPresenceStateBytes }, (_, at) => at & 0xff);
    anna.channel.presence([{ client: 1, clock: 1, state }]);
    core.clock.advance(presenceTickMs);
    expect(ben.presences[0]?.[0]?.state).toEqual(state);
    anna.channel.presence([{ client: 1, clock: 2, state: new Uint8Array(maxPresenceStateBytes + 1) }]);
    expect(anna.refused?.code).toBe('malformed_presence');
    expect(ben.refused).toBeUndefined();
  });

  it('[PRS6] let a session speak for so many clients and none more, said at once or one by one', async () => {
    await using core = new Core();
    const clients = (count: number): PresenceEntry[] =>
      Array.from({ length: count }, (_, client) => entry(client, 1, '{}'));
    const [atOnce, oneByOne] = [await core.join('a'), await core.join('b')];
    atOnce.channel.presence(clients(maxPresenceEntriesOfChannel));
    for (const each of clients(maxPresenceEntriesOfChannel)) oneByOne.channel.presence([each]);
    expect(atOnce.refused ?? oneByOne.refused).toBeUndefined();
    oneByOne.channel.presence([entry(maxPresenceEntriesOfChannel, 1, '{}')]);
    expect(oneByOne.refused?.code).toBe('malformed_presence');
    const tooMany = await core.join('c');
    tooMany.channel.presence(clients(maxPresenceEntriesOfChannel + 1));
    expect(tooMany.refused?.code).toBe('malformed_presence');
    core.clock.advance(presenceTickMs);
    const late = await core.join('c');
    expect(late.presences).toEqual([]);
  });

  it('[PRS6] count the clients that a session has taken over from others', async () => {
    await using core = new Core();
    const taker = await core.join();
    const half = maxPresenceEntriesOfChannel / 2;
    for (let round = 0; round < 3; round++) {
      const owner = await core.join();
      const entries = Array.from({ length: half }, (_, at) => entry(round * half + at, 1, '{}'));
      owner.channel.presence(entries);
      taker.channel.presence(entries.map(({ client }) => entry(client, 2, '{}')));
    }
    expect(taker.refused?.code).toBe('malformed_presence');
  });

  it('[PRS6] let a document have so many clients and none more', async () => {
    await using core = new Core();
    const sessions = Math.floor(maxPresenceEntriesOfDocument / maxPresenceEntriesOfChannel);
    let client = 0;
    const some = (count: number): PresenceEntry[] =>
      Array.from({ length: count }, () => entry(client++, 1, '{}'));
    for (let session = 0; session < sessions; session++) {
      (await core.open()).channel.presence(some(maxPresenceEntriesOfChannel));
    }
    const last = await core.open();
    last.channel.presence(some(maxPresenceEntriesOfDocument - client));
    expect(last.refused).toBeUndefined();
    last.channel.presence(some(1));
    // Whoever comes next is not shown, and loses nothing else.
    expect(last.refused).toBeUndefined();
    const joined = await core.join();
    expect(joined.presences.flat()).toHaveLength(maxPresenceEntriesOfDocument);
  });

  it('[PRS6] let a document have states of so many bytes and none more, until somebody leaves', async () => {
    await using core = new Core();
    const state = new Uint8Array(maxPresenceStateBytes);
    const first = await core.join();
    first.channel.presence([{ client: 0, clock: 1, state }]);
    const speaker = await core.join();
    const count = maxPresenceBytesOfDocument / maxPresenceStateBytes;
    for (let client = 1; client < count; client++) speaker.channel.presence([{ client, clock: 1, state }]);
    speaker.channel.presence([entry(count, 1, '1')]);
    expect(speaker.refused).toBeUndefined();
    expect((await core.join()).presences.flat()).toHaveLength(count);
    first.channel.close();
    speaker.channel.presence([entry(count, 1, '1')]);
    const shown = (await core.join()).presences.flat().map(({ client }) => client);
    expect(shown).toEqual(Array.from({ length: count }, (_, at) => at + 1));
  });
});
