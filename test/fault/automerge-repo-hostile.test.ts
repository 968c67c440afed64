// Frames on the path of automerge-repo that no client sends: each ends with a code for whoever sent it, or is passed over, while
// two people type undisturbed.
import * as A from '@automerge/automerge';
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { type Notes, RepoClient } from '../support/automerge-repo-client.ts';
import { frameOf, nothingHeld, syncWith, WireRepo } from '../support/automerge-repo-wire.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { SeededRandom } from '../support/random.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

/** Two people who type while somebody else misbehaves. */
async function typing(server: ServerProcess) {
  const anna = new RepoClient({ url: server.automerge });
  const ben = new RepoClient({ url: server.automerge });
  const annas = anna.create({ text: '' });
  const bens = await ben.find(annas.url);
  let disconnected = 0;
  for (const { adapter } of [anna, ben]) adapter.on('peer-disconnected', () => disconnected++);
  return {
    documentId: annas.documentId,
    async hearEachOther(): Promise<void> {
      const text = `${Math.random()}`;
      annas.change((notes) => void (notes.text = text));
      await until('ben hears anna', () => bens.doc().text === text);
      bens.change((notes) => void (notes.text = `${text} ben`));
      await until('anna hears ben', () => annas.doc().text === `${text} ben`);
      expect(disconnected).toBe(0);
    },
    [Symbol.dispose](): void {
      anna[Symbol.dispose]();
      ben[Symbol.dispose]();
    },
  };
}

const to = { senderId: 'wire', targetId: 's' };

it('[ARP2] [ARP4] a frame that cannot be read ends the connection with a code and a reason', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using people = await typing(server);
  const { documentId } = people;
  const hostile: Uint8Array[] = [
    new Uint8Array(0),
    Uint8Array.of(0xff),
    frameOf([1, 2]),
    Uint8Array.of(0xa1, 0x61, 0x61, 0x9a, 0xff, 0xff, 0xff, 0xff),
    Uint8Array.of(0xa1, 0x61, 0x61, ...Array.from({ length: 50_000 }, () => 0x81)),
    frameOf({ type: 'sync', ...to, data: nothingHeld }),
    frameOf({ type: 'sync', ...to, documentId: 7, data: nothingHeld }),
    frameOf({ type: 'sync', ...to, documentId, data: null }),
    frameOf({ type: 'sync', ...to, documentId, data: Uint8Array.of(0x41, 0, 0, 0, 0) }),
    frameOf({ type: 'sync', ...to, documentId, data: new Uint8Array(0) }),
    frameOf({ type: 'sync', ...to, documentId, data: Uint8Array.of(0x42, 0xff, 0xff, 0xff, 0xff, 0x0f) }),
    frameOf({ type: 'join', senderId: 'somebody else' }),
    frameOf({ type: 'ephemeral', ...to, documentId, sessionId: 's', count: 2.5, data: nothingHeld }),
  ];
  for (const frame of hostile) {
    using wire = await WireRepo.join(server.automerge);
    wire.send(frame);
    expect(await wire.closed).toMatchObject({ code: 4400 });
    expect(wire.of('error').at(-1)!.message).toMatch(/^bad_frame: /);
  }
  using talker = await WireRepo.join(server.automerge);
  talker.socket.send('text');
  expect(await talker.closed).toMatchObject({ code: 4400 });
  await people.hearEachOther();
});

it('[ARP1] what is of no use is passed over', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using people = await typing(server);
  const { documentId } = people;
  using wire = await WireRepo.join(server.automerge);
  const heads = { 'a storage id': { heads: ['x'], timestamp: Date.now() } };
  for (const message of [
    { type: 'remote-heads-changed', ...to, documentId, newHeads: heads },
    { type: 'remote-subscription-change', ...to, add: ['x'], remove: null },
    { type: 'doc-unavailable', ...to, documentId },
    { type: 'leave', ...to },
    { type: 'of a later version', ...to, anything: { deep: [[[1]]] } },
    // Nobody has opened it here.
    { type: 'ephemeral', ...to, documentId, sessionId: 's', count: 1, data: nothingHeld },
  ])
    wire.say(message);
  wire.sync(documentId, nothingHeld, 'request');
  await wire.heard('sync', documentId);
  expect(wire.frames.map(({ type }) => type)).toEqual(['peer', 'sync']);
  await people.hearEachOther();
});

it('[ARP4] a peer that claims and needs what nobody has is answered once, and costs others nothing', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using people = await typing(server);
  const { documentId } = people;
  using wire = await WireRepo.join(server.automerge);
  const hashes = (count: number, start: number) =>
    Array.from({ length: count }, (_, n) => (start + n).toString(16).padStart(64, '0'));
  const message = (start: number): Uint8Array =>
    A.encodeSyncMessage({
      heads: hashes(10_000, start),
      need: hashes(100_000, start),
      have: [{ lastSync: hashes(10_000, start), bloom: new Uint8Array(0) }],
      changes: [],
    });
  for (let round = 0; round < 5; round++) wire.sync(documentId, message(round));
  await wire.heard('sync', documentId);
  await people.hearEachOther();
  expect(wire.ended).toBeUndefined();
  wire.sync(documentId, message(0).fill(0xff, 1, 6));
  expect(await wire.closed).toMatchObject({ code: 4400 });
});

it('[ARP8] a peer that says the same again and again is not answered for ever', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using people = await typing(server);
  const { documentId } = people;
  using wire = await WireRepo.join(server.automerge);
  const mine = A.from<Notes>({ text: 'mine' });
  wire.sync(documentId, nothingHeld, 'request');
  await wire.heard('sync', documentId);
  const theirs = wire.synced(documentId)[0]!.heads;
  // It has lost track of what it was sent.
  for (let round = 0; round < 100; round++) wire.sync(documentId, syncWith(mine, []));
  wire.sync('another', nothingHeld, 'request');
  await wire.heard('doc-unavailable', 'another');
  expect(wire.of('sync', documentId).length).toBeLessThan(10);
  // It has something, and never sends it: as one that thinks that it has sent it.
  for (let round = 1; round <= 20; round++) {
    wire.sync(documentId, syncWith(mine, [], theirs));
    wire.join();
    await wire.heard('peer', undefined, 1 + round);
  }
  expect(wire.of('sync', documentId).length).toBeLessThan(15);
  // It was asked, and asked to forget what it has sent.
  expect(wire.synced(documentId).some(({ need }) => need.includes(A.getHeads(mine)[0]!))).toBe(true);
  expect(wire.synced(documentId).some(({ heads }) => heads.length === 0)).toBe(true);
  const before = wire.of('sync', documentId).length;
  wire.sync(documentId, syncWith(mine, A.getAllChanges(mine)));
  await until('it is answered when it sends it', () =>
    wire
      .synced(documentId)
      .slice(before)
      .some(({ heads }) => heads.includes(A.getHeads(mine)[0]!)),
  );
});

it('[LIM4] one document too many is not there, and those that are open go on', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({
    data: folder.path,
    arguments: ['--max-documents-per-socket', '2'],
  });
  using wire = await WireRepo.join(server.automerge);
  const doc = A.from<Notes>({ text: 'mine' });
  for (const id of ['one', 'two']) wire.sync(id, syncWith(doc, A.getAllChanges(doc)));
  for (const id of ['one', 'two']) await wire.heard('sync', id);
  wire.sync('three', syncWith(doc, A.getAllChanges(doc)));
  await wire.heard('doc-unavailable', 'three');
  expect(wire.of('error').map(({ message }) => message)).toEqual([
    expect.stringMatching(/^too_many_channels three: /),
  ]);
  const next = A.change(doc, (notes) => void (notes.text = 'more'));
  wire.sync('one', syncWith(next, [A.getLastLocalChange(next)!]));
  await until('it is stored', () => wire.synced('one').at(-1)?.heads[0] === A.getHeads(next)[0]);
});

it('[ARP12] a message that is too large is not passed on, and its document goes on', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using people = await typing(server);
  const { documentId } = people;
  using wire = await WireRepo.join(server.automerge);
  wire.sync(documentId, nothingHeld, 'request');
  await wire.heard('sync', documentId);
  const said = { type: 'ephemeral', ...to, documentId, sessionId: 's' };
  wire.say({ ...said, count: 1, data: new Uint8Array(64 * 1024 + 1) });
  expect((await wire.heard('error')).message).toMatch(/^ephemeral_too_large /);
  const before = wire.of('sync', documentId).length;
  await people.hearEachOther();
  await until('it hears of it', () => wire.of('sync', documentId).length > before);
});

it('[ACC1] without a token that is good nobody gets in', async () => {
  await using guarded = await GuardedServer.start();
  const { key, server } = guarded;
  for (const query of ['', '?token=', `?token=${key.forge({ write: ['**'] })}`]) {
    using wire = await WireRepo.open(`${server.automerge}${query}`);
    expect((await wire.closed).code).toBe(4401);
    expect(wire.of('error').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^unauthenticated: /),
    ]);
  }
  using wire = await WireRepo.join(`${server.automerge}?token=${key.sign({ write: ['**'] })}`);
  expect(wire.ended).toBeUndefined();
});

it('[ARP15] who is somebody else has ids of their own', async () => {
  await using guarded = await GuardedServer.start();
  const { key, server } = guarded;
  const [anna, ben] = ['anna', 'ben'].map(
    (subject) => `${server.automerge}?token=${key.sign({ subject, write: ['**'] })}`,
  );
  using first = await WireRepo.join(anna!, 'the same');
  using second = await WireRepo.join(ben!, 'the same');
  first.sync('doc', nothingHeld, 'request');
  await first.heard('doc-unavailable', 'doc');
  using third = await WireRepo.join(anna!, 'the same');
  await first.closed;
  expect([second.ended, third.ended]).toEqual([undefined, undefined]);
});

const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
const rounds = 1_500;

it(`[ARP2] [ARP4] [ARP17] frames with bits turned and parts cut out harm nobody (seed ${seed})`, async () => {
  const random = new SeededRandom(seed);
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using people = await typing(server);
  let doc = A.from<Notes>({ text: 'mine' });
  for (let n = 0; n < 5; n++) doc = A.change(doc, (notes) => void (notes.text = `mine ${n}`));
  const changes = A.getAllChanges(doc);
  const documents = [people.documentId, 'mine'];
  const seeds = documents.flatMap((documentId) => [
    frameOf({ type: 'sync', ...to, documentId, data: syncWith(doc, changes) }),
    frameOf({ type: 'sync', ...to, documentId, data: A.generateSyncMessage(doc, A.initSyncState())[1]! }),
    frameOf({ type: 'request', ...to, documentId, data: nothingHeld }),
    frameOf({ type: 'ephemeral', ...to, documentId, sessionId: 's', count: 1, data: frameOf({ hello: 1 }) }),
  ]);
  let wire = await WireRepo.join(server.automerge);
  let ended = 0;
  for (let round = 0; round < rounds; round++) {
    if (wire.ended) {
      ended++;
      wire = await WireRepo.join(server.automerge);
    }
    wire.send(mutated(seeds[random.below(seeds.length)]!, random));
    if (random.oneIn(100)) await people.hearEachOther();
    // The socket has its turn.
    else if (random.oneIn(4)) await new Promise((resolve) => setImmediate(resolve));
  }
  wire[Symbol.dispose]();
  await people.hearEachOther();
  expect(ended).toBeGreaterThan(10);
  expect(server.log.filter((line) => /internal-error|"level":60/.test(line))).toEqual([]);
  using ben = new RepoClient({ url: server.automerge });
  const bens = await ben.find(`automerge:${people.documentId}`);
  expect(bens.doc().text).toContain('ben');
});

function mutated(frame: Uint8Array, random: SeededRandom): Uint8Array {
  const bytes = Uint8Array.from(frame);
  for (let times = 1 + random.below(3); times > 0; times--) {
    const bit = random.below(bytes.length * 8);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
  if (!random.oneIn(4)) return bytes;
  const start = random.below(bytes.length);
  return Uint8Array.from([...bytes.subarray(0, start), ...bytes.subarray(start + random.below(8))]);
}
