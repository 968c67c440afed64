import { idleMs, maxOutboxBytes, sweepMs } from '@syncline/server/core/limits.ts';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import type { Summary, Version } from '@syncline/server/port/engine.ts';
import { fingerprint, hashDeletions } from '@syncline/shared';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { Author, Core, letters } from '../core/core.ts';
import { until } from '../support/until.ts';
import { CoreSession } from './core-session.ts';

/** What a client that holds exactly this computes: no deletions. */
function fingerprintOf(document: Y.Doc): Uint8Array {
  return fingerprint(Y.decodeStateVector(Y.encodeStateVector(document)), hashDeletions([]));
}

/** Lets everything come to pass that waits neither for a timer nor for a worker. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

/** Counts what it is asked to do. */
class CountingEngine extends YjsEngine {
  readonly calls: string[] = [];

  override check(update: Uint8Array): Summary | Promise<Summary> {
    this.calls.push('check');
    return super.check(update);
  }

  override version(
    snapshot: Uint8Array | undefined,
    tail: readonly Uint8Array[],
  ): Version | Promise<Version> {
    this.calls.push('version');
    return super.version(snapshot, tail);
  }

  override async diff(...parameters: Parameters<YjsEngine['diff']>): ReturnType<YjsEngine['diff']> {
    this.calls.push('diff');
    return super.diff(...parameters);
  }

  override async compact(...parameters: Parameters<YjsEngine['compact']>): ReturnType<YjsEngine['compact']> {
    this.calls.push('compact');
    return super.compact(...parameters);
  }
}

describe('a channel', () => {
  it('[NAT2] that was closed says nothing under its number when that is used again', async () => {
    await using core = new Core();
    const writer = await CoreSession.join(core);
    writer.updates(1, new Author(1).type('hello'));
    await writer.hears('stored');
    const reader = await CoreSession.greet(core);
    // The document is not in memory: what was asked for takes a while.
    core.clock.advance(idleMs + sweepMs);
    reader.open(1);
    reader.compare(1, Uint8Array.of(1, 9, 1));
    reader.say({ say: 'close', channel: 1 });
    reader.open(1, 'another');
    await settled();
    expect(reader.heard.map(({ say }) => say)).toEqual(['welcome']);
    reader.compare(1);
    await reader.hears('caughtUp');
    expect(reader.heard.map(({ say }) => say)).toEqual(['welcome', 'answer', 'caughtUp']);
    expect(reader.text).toBe('');
  });
});

describe('a digest', () => {
  it('[NAT7] of a document with something queued comes with the next commit, and is of what that holds', async () => {
    await using core = new Core();
    const [writer, reader] = [await CoreSession.join(core), await CoreSession.join(core)];
    const anna = new Author(1);
    writer.updates(1, anna.type('hello'));
    await reader.hears('updates');
    core.journal.hold();
    writer.updates(2, anna.type(', world'));
    await until('it is drafted', () => core.documents.queuedBytes > 0);
    reader.say({ say: 'verify', channel: 1 });
    await settled();
    expect(reader.of('caughtUp')).toHaveLength(1);
    core.journal.release();
    const { position, digest } = await reader.hears('caughtUp', 2);
    expect(position).toBe(2);
    expect(digest).toEqual(fingerprintOf(anna.document));
  });

  it('[NAT7] asked for while more keeps coming is of what was committed, and not of what is queued', async () => {
    await using core = new Core();
    const [writer, reader] = [await CoreSession.join(core), await CoreSession.join(core)];
    const anna = new Author(1);
    writer.updates(1, anna.type('first'));
    await reader.hears('updates');
    core.journal.hold();
    writer.updates(2, anna.type(', second'));
    await settled();
    reader.say({ say: 'verify', channel: 1 });
    writer.updates(3, anna.type(', third'));
    const atThird = fingerprintOf(anna.document);
    core.journal.release();
    core.journal.hold();
    await core.committed(2);
    await settled();
    writer.updates(4, anna.type(', fourth'));
    expect(reader.of('caughtUp')).toHaveLength(1);
    core.journal.release();
    const { position, digest } = await reader.hears('caughtUp', 2);
    expect([position, digest]).toEqual([3, atThird]);
  });

  it('[NAT7] asked for while an answer is under way is given after it', async () => {
    await using core = new Core();
    const writer = await CoreSession.join(core);
    const anna = new Author(1);
    writer.updates(1, anna.type('hello'));
    await writer.hears('stored');
    const reader = await CoreSession.greet(core);
    reader.open(1);
    reader.compare(1);
    reader.say({ say: 'verify', channel: 1 });
    await reader.hears('caughtUp', 2);
    for (const { position, digest } of reader.of('caughtUp'))
      expect([position, digest]).toEqual([1, fingerprintOf(anna.document)]);
  });

  it('[NAT7] owed to a session without room is given when it has some, though the document came to rest', async () => {
    await using core = new Core();
    const [writer, reader] = [await CoreSession.join(core), await CoreSession.join(core)];
    const anna = new Author(1);
    reader.stall();
    writer.updates(1, anna.type('hello'));
    await writer.hears('stored');
    reader.say({ say: 'verify', channel: 1 });
    core.clock.advance(idleMs + sweepMs);
    reader.drain();
    const { position, digest } = await reader.hears('caughtUp', 2);
    expect([position, digest]).toEqual([1, fingerprintOf(anna.document)]);
  });
});

describe('resuming', () => {
  it('[NAT5] while a commit is under way gives what is committed, and then what that adds', async () => {
    await using core = new Core();
    const writer = await CoreSession.join(core);
    const anna = new Author(1);
    writer.updates(1, anna.type('held'));
    await writer.hears('stored');
    const held = Y.encodeStateAsUpdate(anna.document);
    writer.updates(2, anna.type(', missed'));
    await writer.hears('stored', 2);
    core.journal.hold();
    writer.updates(3, anna.type(', under way'));
    const reader = await CoreSession.greet(core);
    reader.open(1, 'notes', reader.position(1));
    expect(await reader.hears('caughtUp')).toMatchObject({ position: 2 });
    expect(reader.document(held).getText('content').toJSON()).toBe('held, missed');
    // Of what it holds beyond that nothing is known that could be compared.
    expect(reader.of('caughtUp')[0]!.digest).toHaveLength(0);
    core.journal.release();
    await until('it is sent', () => reader.document(held).getText('content').toJSON() === anna.text);
    expect(reader.of('updates').at(-1)?.position).toBe(3);
    expect([reader.of('answer'), reader.of('expired')]).toEqual([[], []]);
  });

  it('[NAT5] costs no engine task, and where nothing is missing no reading either', async () => {
    const engine = new CountingEngine(new Uint8Array(16));
    await using core = new Core(engine);
    const names = Array.from({ length: 100 }, (_, at) => `notes/${at}`);
    const authors = names.map((_, at) => new Author(at + 1));
    const writer = await CoreSession.greet(core);
    for (const [at, name] of names.entries()) {
      writer.open(at + 1, name);
      writer.compare(at + 1);
      writer.say({ say: 'updates', channel: at + 1, batch: 1, updates: [authors[at]!.type('hello')] });
    }
    await writer.hears('stored', names.length);
    await writer.hears('caughtUp', names.length);
    const positions = new Map(writer.of('stored').map(({ channel, sequence }) => [channel, sequence]));
    writer.end();
    // Its documents have been opened and closed since, and come to rest while somebody has them open.
    const other = await CoreSession.greet(core);
    for (const [at, name] of names.entries()) {
      other.open(at + 1, name);
      other.compare(at + 1);
    }
    await other.hears('caughtUp', names.length);
    core.clock.advance(idleMs + sweepMs);
    engine.calls.length = 0;
    const readsBefore = core.journal.reads;
    const back = await CoreSession.greet(core);
    for (const [at, name] of names.entries()) back.open(at + 1, name, back.position(positions.get(at + 1)!));
    await back.hears('caughtUp', names.length);
    expect(back.heard.map(({ say }) => say)).toEqual(['welcome', ...names.map(() => 'caughtUp')]);
    for (const { channel, digest } of back.of('caughtUp'))
      expect(digest).toEqual(fingerprintOf(authors[channel - 1]!.document));
    expect([engine.calls, core.journal.reads]).toEqual([[], readsBefore]);
  });

  it('[NAT5] of a document that is not in memory reads its version, and builds nothing', async () => {
    const engine = new CountingEngine(new Uint8Array(16));
    await using core = new Core(engine);
    const writer = await CoreSession.join(core);
    const anna = new Author(1);
    for (let batch = 1; batch <= 21; batch++) {
      writer.updates(batch, anna.type('.'));
      await writer.hears('stored', batch);
    }
    writer.end();
    core.clock.advance(idleMs + sweepMs);
    expect(core.documents.count).toBe(0);
    engine.calls.length = 0;
    const reader = await CoreSession.greet(core);
    reader.open(1, 'notes', reader.position(1));
    await reader.hears('caughtUp');
    expect(engine.calls.filter((call) => call !== 'version' && call !== 'check')).toEqual([]);
    expect(reader.document(anna.updates[0]).getText('content').toJSON()).toBe(anna.text);
    expect(reader.of('updates').flatMap(({ updates }) => updates).length).toBeLessThanOrEqual(20);
  });

  it('[NAT6] is of no use past the document, or with a head that was never reached', async () => {
    await using core = new Core();
    const writer = await CoreSession.join(core);
    writer.updates(1, new Author(1).type('hello'));
    await writer.hears('stored');
    const other = await CoreSession.join(core, 'other');
    other.updates(1, new Author(1).type('hello'));
    await other.hears('stored');
    const good = other.position(1);
    const positions = {
      'beyond the document': other.position(2),
      'beyond the head that it has seen': other.position(1, 0),
      'with a head that was never reached': other.position(1, 3),
      'of another replica': { ...good, replica: new Uint8Array(16).fill(9) },
      'of a replica with a shorter name': { ...good, replica: new Uint8Array(15).fill(1) },
      'of a replica without a name': { ...good, replica: new Uint8Array(0) },
      'of an unknown epoch': { ...good, epoch: new Uint8Array(8).fill(9) },
      'of an epoch that is too long': { ...good, epoch: new Uint8Array(9).fill(1) },
    };
    for (const [what, resume] of Object.entries(positions)) {
      const reader = await CoreSession.greet(core);
      reader.open(1, 'notes', resume);
      await until(`an answer to one ${what}`, () => reader.heard.length > 1);
      expect([what, ...reader.heard.map(({ say }) => say)]).toEqual([what, 'welcome', 'expired']);
    }
    const reader = await CoreSession.greet(core);
    reader.open(1, 'notes', other.position(1, 2));
    expect(await reader.hears('caughtUp')).toMatchObject({ position: 1 });
  });

  it('[NAT6] leaves a session that is told so where it was: it is sent nothing until it compares', async () => {
    await using core = new Core();
    const writer = await CoreSession.join(core);
    const anna = new Author(1);
    const reader = await CoreSession.greet(core);
    reader.open(1, 'notes', reader.position(7));
    await reader.hears('expired');
    writer.updates(1, anna.type('hello'));
    await writer.hears('stored');
    expect(reader.of('updates')).toEqual([]);
    reader.compare(1);
    await reader.hears('caughtUp');
    expect(reader.text).toBe('hello');
  });
});

describe('a session that asks and does not read', () => {
  /** Says something over and over, as a socket that is read gives it; gives how often it could. */
  function flood(session: CoreSession, say: (round: number) => void): number {
    let round = 0;
    while (!session.outbox.isPaused && round < 100_000) say(round++);
    return round;
  }

  it.each<{ what: string; say: (session: CoreSession, round: number) => void }>([
    { what: 'pings', say: (session) => session.say({ say: 'ping' }) },
    { what: 'opens documents that it may not', say: (session) => session.open(2, '\n') },
    {
      what: 'opens and closes',
      say: (session) => {
        session.open(2, 'other', { ...session.position(1), epoch: new Uint8Array(8) });
        session.say({ say: 'close', channel: 2 });
      },
    },
    {
      what: 'sends what cannot be merged',
      say: (session) => {
        session.open(2, 'other');
        session.say({ say: 'updates', channel: 2, batch: 1, updates: [Uint8Array.of(1)] });
      },
    },
  ])('[DOC9] is not read any more when it $what, and is when it has read', async ({ say }) => {
    await using core = new Core();
    const session = await CoreSession.join(core);
    // Somebody has the other document open: what is wrong with an update is then known at once.
    await CoreSession.join(core, 'other');
    session.stall();
    expect(flood(session, (round) => say(session, round))).toBeLessThan(10_000);
    expect(session.outbox.bufferedBytes).toBeLessThan(maxOutboxBytes + 1024 * 1024);
    expect(session.outbox.closedWith).toBeUndefined();
    session.drain();
    expect(session.outbox.isPaused).toBe(false);
  });

  it('[DOC9] is not read again for closing what is not open', async () => {
    await using core = new Core();
    const session = await CoreSession.join(core);
    session.stall();
    flood(session, () => session.say({ say: 'ping' }));
    session.say({ say: 'close', channel: 0 });
    expect(session.of('refused')).toMatchObject([{ channel: 0, code: 'bad_frame' }]);
    expect(session.outbox.closedWith).toBe(4400);
  });

  it('[DOC9] is asked for what is missing once it has room, and before it is answered', async () => {
    await using core = new Core();
    const writer = await CoreSession.join(core);
    writer.updates(1, new Author(1).type(letters(100)));
    await writer.hears('stored');
    const session = await CoreSession.greet(core);
    session.open(1);
    session.stall();
    for (let round = 0; round < 1_000; round++) session.compare(1, Uint8Array.of(1, 9, 1));
    await settled();
    expect(session.of('ask')).toEqual([]);
    session.drain();
    await session.hears('caughtUp', 1);
    const first = session.heard.findIndex(({ say }) => say === 'ask');
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(session.heard.findIndex(({ say }) => say === 'answer'));
  });
});
