// One socket of the Hocuspocus dialect, with time, commits and the network in the test's hands.
import { maxOutboxBytes, minRetryMs } from '@syncline/server/core/limits.ts';
import {
  maxReopenMs,
  maxWaitingBytes,
  maxWaitingMessages,
  minReopenMs,
} from '@syncline/server/dialect/hocuspocus/limits.ts';
import { documentName } from '@syncline/shared';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { Author, Core } from '../core/core.ts';
import {
  addressed,
  addressedPresence,
  addressedSync,
  closeFrame,
  statelessFrame,
  tokenFrame,
} from '../support/hocuspocus-frames.ts';
import { HocuspocusCoreSession } from '../support/hocuspocus-session.ts';
import { until } from '../support/until.ts';

const nothingHeld = Uint8Array.of(0);
const nothingNew = Uint8Array.of(0, 0);
const request = addressedSync('notes', 'request', nothingHeld);
const all = { id: 'anna', may: () => true };
const reader = { id: 'anna', may: (action: string) => action === 'read' };

/** Resolves when what was begun has come to pass. */
async function turns(): Promise<void> {
  for (let times = 0; times < 20; times++) await new Promise(setImmediate);
}

async function failed(core: Core, times = 1): Promise<void> {
  await until(`${times} commits have failed`, () => core.observed.notices.length >= times);
}

describe('a provider that begins', () => {
  it('[HOC4] is let in, told who is present, asked for what it has, and sent the rest, in this order', async () => {
    await using core = new Core();
    const ben = await HocuspocusCoreSession.join(core);
    ben.update(new Author(2).type('hello'));
    ben.say(addressedPresence('notes', [{ client: 2, clock: 1, json: '{}' }]));
    await core.committed(1);
    const anna = new HocuspocusCoreSession(core);
    anna.session.begin();
    anna.say(tokenFrame('notes', ''), request);
    await anna.hears('answer');
    const said = anna.heard.map(({ address, say }) => [address, say]);
    expect(said).toEqual([
      ['', 'presence'],
      ['notes', 'authenticated'],
      ['notes', 'presence'],
      ['notes', 'request'],
      ['notes', 'answer'],
    ]);
    expect(anna.text).toBe('hello');
  });

  it('[HOC4] and says something before its token is heard when that has come, in order', async () => {
    await using core = new Core();
    const other = await HocuspocusCoreSession.join(core);
    const anna = new HocuspocusCoreSession(core, { principals: { good: all } });
    const author = new Author(1);
    anna.say(request);
    for (const letter of 'hello') anna.update(author.type(letter));
    anna.say(addressedPresence('notes', [{ client: 1, clock: 1, json: '{}' }]));
    await turns();
    expect([anna.heard, core.observed.accepted, anna.outbox.isPaused]).toEqual([[], 0, false]);
    anna.say(tokenFrame('notes', 'good'));
    await until('it is passed on', () => other.text === 'hello');
    core.clock.advance(50);
    await other.hears('presence');
    // Of the exchange, when it has answered.
    await anna.hears('status', 5);
    anna.answer(author.type('!'));
    await anna.hears('status', 6);
    expect(other.text).toBe('hello!');
  });

  it.each([
    ['messages', maxWaitingMessages, 1],
    ['bytes', 10, maxWaitingBytes / 10],
  ])('[HOC4] and says more %s than are kept is asked for them when it is let in', async (_, count, bytes) => {
    await using core = new Core();
    const anna = new HocuspocusCoreSession(core, { principals: { good: all } });
    const author = new Author(1);
    anna.say(request);
    const letters = 'x'.repeat(bytes);
    for (let times = 0; times <= count; times++) anna.update(author.type(letters));
    anna.say(tokenFrame('notes', 'good'));
    await anna.hears('request');
    await anna.hears('answer');
    expect([anna.statuses, anna.outbox.closedWith]).toEqual([[], undefined]);
    anna.answer(Y.encodeStateAsUpdate(author.document));
    // One for the exchange, and one for each that it counted.
    await anna.hears('status', count + 2);
    const ben = await HocuspocusCoreSession.join(core);
    expect(ben.text.length).toBe((count + 1) * bytes);
    expect(anna.statuses.every((isSaved) => isSaved)).toBe(true);
  });

  it('[HOC1] says no token where none is needed, as those of version 2 do', async () => {
    await using core = new Core();
    const anna = new HocuspocusCoreSession(core);
    anna.say(addressedPresence('notes', [{ client: 1, clock: 1, json: '{}' }]));
    expect(anna.heard).toEqual([]);
    anna.say(request, addressedSync('notes', 'update', new Author(1).type('hello')));
    await anna.hears('status');
    expect(anna.of('authenticated')).toMatchObject([{ address: 'notes', text: 'read-write' }]);
  });

  it('[HOC3] is answered under the very address that it uses', async () => {
    await using core = new Core();
    const anna = new HocuspocusCoreSession(core);
    for (const address of ['notes', 'notes\0one', 'notes\0two']) {
      anna.say(tokenFrame(address, ''), addressedSync(address, 'request', nothingHeld));
      await until('it is answered', () => anna.of('answer').at(-1)?.address === address);
    }
    anna.update(new Author(1).type('hello'), 'notes\0one');
    await until('the others have it', () => anna.of('update').length === 2);
    expect(anna.of('update').map(({ address }) => address)).toEqual(['notes', 'notes\0two']);
    expect(anna.of('status')).toEqual([{ address: 'notes\0one', say: 'status', isSaved: true }]);
  });

  it('[HOC5] [LIM4] with one document too many is denied that one', async () => {
    await using core = new Core();
    const anna = await HocuspocusCoreSession.join(core, 'one', { maxChannels: 2 });
    for (const address of ['two', 'three']) anna.say(tokenFrame(address, ''));
    expect(await anna.hears('denied')).toMatchObject({ address: 'three' });
    expect(anna.of('denied')[0]?.text).toMatch(/^too_many_channels: /);
    anna.say(closeFrame('one'), tokenFrame('three', ''));
    await until('it is let in', () => anna.of('authenticated').at(-1)?.address === 'three');
    expect(anna.outbox.closedWith).toBeUndefined();
  });
});

describe('a commit that fails', () => {
  it('[HOC2] [DUR4] is told by no status, and asked for again after a pause, until it is made up for', async () => {
    await using core = new Core();
    const anna = await HocuspocusCoreSession.join(core);
    anna.answer(nothingNew);
    await anna.hears('status');
    const author = new Author(1);
    core.journal.failures = 2;
    anna.update(author.type('one'));
    anna.update(author.type(' two'));
    await failed(core);
    await turns();
    expect([anna.of('request').length, anna.statuses.length]).toEqual([1, 1]);
    core.clock.advance(minRetryMs);
    await anna.hears('request', 2);
    // A status for an answer that it has not counted would take the place of that of an update.
    anna.answer(Y.encodeStateAsUpdate(author.document));
    await failed(core, 2);
    core.clock.advance(2 * minRetryMs);
    await anna.hears('request', 3);
    expect(anna.statuses).toHaveLength(1);
    anna.answer(Y.encodeStateAsUpdate(author.document));
    await anna.hears('status', 3);
    await turns();
    expect(anna.statuses).toEqual([true, true, true]);
    expect((await HocuspocusCoreSession.join(core)).text).toBe('one two');
  });

  it('[HOC2] is told by no status while the commit is under way', async () => {
    await using core = new Core();
    const anna = await HocuspocusCoreSession.join(core);
    core.journal.hold();
    anna.answer(new Author(1).type('hello'));
    await turns();
    expect(anna.statuses).toEqual([]);
    core.journal.release();
    await anna.hears('status');
  });
});

describe('a document that cannot be read at the moment', () => {
  it('[HOC14] is opened again after pauses, and the others go on', async () => {
    await using core = new Core();
    core.journal.unreadable.add('notes');
    const anna = new HocuspocusCoreSession(core);
    anna.say(tokenFrame('notes', ''), request);
    await turns();
    const author = new Author(1);
    anna.update(author.type('hello'));
    anna.say(tokenFrame('others', ''), addressedSync('others', 'request', nothingHeld));
    await until('the other is answered', () => anna.of('answer').length === 1);
    let pauseMs = minReopenMs;
    for (let times = 0; times < 8; times++) {
      const { reads } = core.journal;
      core.clock.advance(pauseMs - 1);
      await turns();
      expect(core.journal.reads).toBe(reads);
      core.clock.advance(1);
      await turns();
      expect(core.journal.reads).toBeGreaterThan(reads);
      pauseMs = Math.min(2 * pauseMs, maxReopenMs);
    }
    expect(anna.statuses).toEqual([]);
    core.journal.unreadable.clear();
    core.clock.advance(maxReopenMs);
    await until('it is answered', () => anna.of('answer').some(({ address }) => address === 'notes'));
    anna.answer(Y.encodeStateAsUpdate(author.document));
    // Of the exchange, and of the update.
    await anna.hears('status', 2);
    expect(anna.of('denied')).toEqual([]);
    expect(anna.outbox.closedWith).toBeUndefined();
    expect((await HocuspocusCoreSession.join(core)).text).toBe('hello');
  });

  it('[HOC14] is left alone when its provider has left', async () => {
    await using core = new Core();
    core.journal.unreadable.add('notes');
    const anna = new HocuspocusCoreSession(core);
    anna.say(tokenFrame('notes', ''), request);
    await turns();
    anna.say(closeFrame('notes'));
    const { reads } = core.journal;
    core.clock.advance(maxReopenMs);
    await turns();
    expect(core.journal.reads).toBe(reads);
  });
});

describe('a document that is denied after it was open', () => {
  it('[HOC5] begins anew with a token that is accepted, and owes what was said meanwhile', async () => {
    await using core = new Core();
    const ben = await HocuspocusCoreSession.join(core);
    const anna = new HocuspocusCoreSession(core, { principals: { good: all } });
    anna.say(tokenFrame('notes', 'good'), request);
    await anna.hears('answer');
    anna.answer(nothingNew);
    await anna.hears('status');
    anna.say(tokenFrame('notes', 'bad'));
    expect((await anna.hears('denied')).text).toMatch(/^unauthenticated: /);
    const author = new Author(1);
    for (const letter of 'hello') anna.update(author.type(letter));
    ben.update(new Author(2).type('meanwhile'));
    await core.committed(1);
    expect([anna.of('update'), core.observed.accepted]).toEqual([[], 1]);
    anna.say(tokenFrame('notes', 'good'));
    await anna.hears('answer', 2);
    expect(anna.text).toBe('meanwhile');
    anna.answer(Y.encodeStateAsUpdate(author.document));
    await anna.hears('status', 6);
    await turns();
    expect(anna.statuses).toHaveLength(6);
    await until('ben has it', () => ben.text.includes('hello'));
  });

  it('[HOC5] [DOC7] because of what it said is denied with the reason, and the others go on', async () => {
    await using core = new Core();
    const anna = await HocuspocusCoreSession.join(core);
    anna.say(tokenFrame('others', ''), addressedSync('others', 'request', nothingHeld));
    await anna.hears('answer', 2);
    anna.update(Uint8Array.of(1, 2, 3));
    expect(await anna.hears('denied')).toMatchObject({ address: 'notes' });
    expect(anna.of('denied')[0]?.text).toMatch(/^malformed_update: /);
    anna.say(addressed('notes', 1, 1, 0));
    anna.update(new Author(1).type('hello'), 'others');
    await until('it is saved', () => anna.of('status').some(({ address }) => address === 'others'));
    expect([anna.of('denied').length, anna.outbox.closedWith]).toEqual([1, undefined]);
  });
});

describe('a token that ends', () => {
  it('[HOC6] is asked for before, and followed by another one', async () => {
    await using core = new Core();
    const anna = new HocuspocusCoreSession(core, { principals: { short: { ...all, validForMs: 1_000 } } });
    anna.say(tokenFrame('notes', 'short'), request);
    await anna.hears('answer');
    for (let renewal = 1; renewal <= 3; renewal++) {
      core.clock.advance(799);
      expect(anna.of('tokenRequest')).toHaveLength(renewal - 1);
      core.clock.advance(1);
      expect(anna.of('tokenRequest')).toHaveLength(renewal);
      anna.say(tokenFrame('notes', 'short'));
      await turns();
    }
    expect(anna.of('authenticated')).toHaveLength(1);
    expect([anna.of('denied'), anna.outbox.closedWith]).toEqual([[], undefined]);
  });

  it('[HOC6] without another ends its document with the reason, where the provider could have said one', async () => {
    await using core = new Core();
    const anna = new HocuspocusCoreSession(core, { principals: { short: { ...all, validForMs: 1_000 } } });
    anna.say(tokenFrame('notes', 'short'), request);
    await anna.hears('answer');
    core.clock.advance(1_000);
    expect(anna.of('denied')).toMatchObject([{ address: 'notes' }]);
    expect(anna.of('denied')[0]?.text).toMatch(/^token_expired: /);
    anna.update(new Author(1).type('too late'));
    await turns();
    expect([core.observed.accepted, anna.outbox.closedWith]).toEqual([0, undefined]);
  });

  it('[HOC6] without another resets the socket, where the provider may not know how to say one', async () => {
    await using core = new Core();
    const anna = new HocuspocusCoreSession(core, { principals: { short: { ...all, validForMs: 1_000 } } });
    anna.say(addressed('notes', 2, 0, 'short'), request);
    await anna.hears('answer');
    core.clock.advance(1_000);
    expect([anna.of('denied'), anna.outbox.closedWith]).toEqual([[], 4205]);
  });

  it('[HOC6] is not followed by that of somebody else', async () => {
    await using core = new Core();
    const anna = new HocuspocusCoreSession(core, { principals: { hers: all, his: { ...all, id: 'ben' } } });
    anna.say(tokenFrame('notes', 'hers'), request);
    await anna.hears('answer');
    anna.say(tokenFrame('notes', 'his'));
    expect((await anna.hears('denied')).text).toMatch(/^unauthenticated: .*somebody else/);
    // Another document is.
    anna.say(tokenFrame('others', 'his'));
    await anna.hears('authenticated', 2);
  });
});

describe('a provider that may only read', () => {
  it('[HOC7] is told that an update is rejected, and that what it has is saved if it is here', async () => {
    await using core = new Core();
    const ben = await HocuspocusCoreSession.join(core);
    const author = new Author(2);
    ben.update(author.type('hello'));
    await core.committed(1);
    const anna = new HocuspocusCoreSession(core, { principals: { read: reader } });
    anna.say(tokenFrame('notes', 'read'), request);
    await anna.hears('answer');
    expect(anna.of('authenticated')).toMatchObject([{ text: 'readonly' }]);
    anna.answer(Y.encodeStateAsUpdate(author.document));
    await anna.hears('status');
    anna.update(new Author(3).type('not taken'));
    anna.say(request);
    await anna.hears('request', 2);
    const other = new Author(3);
    other.type('nor this');
    anna.answer(Y.encodeStateAsUpdate(other.document));
    await anna.hears('status', 3);
    expect(anna.statuses).toEqual([true, false, false]);
    expect([core.observed.accepted, ben.text]).toEqual([1, '']);
  });

  it('[HOC7] is told so of what waits for its commit when that is over', async () => {
    await using core = new Core();
    const ben = await HocuspocusCoreSession.join(core);
    const anna = new HocuspocusCoreSession(core, { principals: { read: reader } });
    anna.say(tokenFrame('notes', 'read'), request);
    await anna.hears('answer');
    const update = new Author(2).type('hello');
    core.journal.hold();
    ben.update(update);
    anna.answer(update);
    await turns();
    expect(anna.statuses).toEqual([]);
    core.journal.release();
    await anna.hears('status');
    expect(anna.statuses).toEqual([true]);
  });
});

describe('messages beside a document', () => {
  it('[HOC9] are the hook’s to answer and to pass on', async () => {
    await using core = new Core();
    const anna = await HocuspocusCoreSession.join(core, 'notes', {
      onStateless: ({ document, payload, reply, broadcast }) => {
        reply(`${document} heard ${payload}`);
        broadcast(payload.toUpperCase());
      },
    });
    anna.say(tokenFrame('notes\0two', ''), tokenFrame('others', ''));
    await anna.hears('authenticated', 3);
    anna.say(statelessFrame('notes', 'hello'));
    expect(anna.of('stateless').map(({ address, text }) => [address, text])).toEqual([
      ['notes', 'notes heard hello'],
      ['notes', 'HELLO'],
      ['notes\0two', 'HELLO'],
    ]);
    anna.say(closeFrame('notes\0two'));
    expect(anna.stateless.broadcast(documentName('notes'), 'later')).toBe(1);
    expect(anna.stateless.broadcast(documentName('nobody here'), 'later')).toBe(0);
  });

  it('[HOC9] harm nobody when the hook fails', async () => {
    await using core = new Core();
    let isLate = false;
    const anna = await HocuspocusCoreSession.join(core, 'notes', {
      onStateless: async () => {
        if (isLate) await Promise.resolve();
        throw new Error('the app is broken');
      },
    });
    for (isLate of [false, true]) anna.say(statelessFrame('notes', 'hello'));
    await until('both are reported', () => core.observed.notices.length === 2);
    expect(anna.outbox.closedWith).toBeUndefined();
  });

  it('[HOC9] leave out whoever does not read', async () => {
    await using core = new Core();
    const anna = await HocuspocusCoreSession.join(core);
    anna.outbox.bufferedBytes = maxOutboxBytes;
    anna.stateless.broadcast(documentName('notes'), 'not heard');
    anna.outbox.bufferedBytes = 0;
    anna.stateless.broadcast(documentName('notes'), 'heard');
    expect(anna.of('stateless').map(({ text }) => text)).toEqual(['heard']);
  });
});

describe('signs of life', () => {
  it('[HOC10] are data under an address in use, and pings are answered', async () => {
    await using core = new Core();
    const anna = await HocuspocusCoreSession.join(core);
    const before = anna.outbox.frames.length;
    anna.session.keepAlive();
    anna.say(Uint8Array.of(9), Uint8Array.of(10));
    expect(anna.outbox.frames.slice(before)).toEqual([addressed('notes', 1, 1, 0), Uint8Array.of(10)]);
  });

  it('[HOC8] of a provider that was taken down are asked for, where it would keep them to itself', async () => {
    await using core = new Core();
    const claims = [{ client: 1, clock: 7, json: '{}' }];
    const anna = await HocuspocusCoreSession.join(core);
    anna.say(addressedPresence('notes', claims));
    const ben = await HocuspocusCoreSession.join(core);
    anna.say(closeFrame('notes'));
    anna.say(tokenFrame('notes', ''), request, addressedPresence('notes', claims));
    await anna.hears('presenceRequest');
    anna.say(addressedPresence('notes', [{ client: 1, clock: 8, json: '{}' }]));
    core.clock.advance(50);
    const seen = await ben.hears('presence');
    expect(seen.body).toEqual(addressedPresence('', [{ client: 1, clock: 8, json: '{}' }]).subarray(3));
  });
});
