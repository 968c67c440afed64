import { maxAskMs, maxRetryMs, minAskMs, minRetryMs } from '@syncline/server/core/limits.ts';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { Author, Core } from './core.ts';

describe('what a reader is sent', () => {
  it('[CNV4] is, with what it claimed, everything committed', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    for (const word of ['one ', 'two ', 'three ']) writer.channel.update(anna.type(word));
    writer.channel.update(anna.erase(0, 2));
    await core.committed(4);
    const held = new Author(2);
    for (const update of anna.updates.slice(0, 2)) Y.applyUpdate(held.document, update);
    const reader = await core.join('notes', held.stateVector);
    const whole = reader.document(Y.encodeStateAsUpdate(held.document));
    expect(whole.getText('content').toJSON()).toBe('e two three ');
    expect((await core.join()).text).toBe('e two three ');
  });

  it('[CNV4] includes what was committed while it was being answered', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    writer.channel.update(anna.type('before'));
    await core.committed(1);
    const reader = await core.open();
    reader.channel.requested(Uint8Array.of(0));
    writer.channel.update(anna.type(', meanwhile'));
    await until('the reader has both', () => reader.text === 'before, meanwhile');
  });

  it('[CNV4] answers the last of several requests', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    writer.channel.update(anna.type('hello'));
    await core.committed(1);
    const reader = await core.open();
    reader.channel.requested(anna.stateVector);
    reader.channel.requested(Uint8Array.of(0));
    await until('the reader has it', () => reader.text === 'hello');
  });
});

describe('a commit', () => {
  it('[DUR1] is waited for before its author or anybody else is sent anything of it', async () => {
    await using core = new Core();
    const [writer, reader] = [await core.join(), await core.join()];
    core.journal.hold();
    writer.channel.update(new Author(1).type('hello'));
    const late = await core.join();
    expect([writer.text, reader.text, late.text]).toEqual(['', '', '']);
    core.journal.release();
    await until('all have it', () => [writer, reader, late].every(({ text }) => text === 'hello'));
    expect(writer.of('entry')).toHaveLength(1);
  });

  it('[DUR3] [DUR4] that fails shows nothing, and every channel is asked for what was lost', async () => {
    await using core = new Core();
    const [writer, reader] = [await core.join(), await core.join()];
    const anna = new Author(1);
    writer.channel.update(anna.type('kept'));
    await core.committed(1);
    const heldBefore = core.observed.accepted;
    core.journal.failures = 1;
    writer.channel.update(anna.type(', lost'));
    await until('the commit has failed', () => core.observed.notices.length === 1);
    expect(core.observed.notices[0]).toMatchObject({ event: 'commit-failed' });
    expect(core.observed.accepted).toBe(heldBefore);
    expect([writer.text, reader.text]).toEqual(['kept', 'kept']);
    core.clock.advance(minRetryMs);
    await until('both are asked', () => writer.asked.length === 2 && reader.asked.length === 2);
    // What is asked for is what the document holds without the update that was lost.
    const answer = Y.encodeStateAsUpdate(anna.document, writer.asked[1]);
    writer.channel.update(answer);
    await until('the reader has all', () => reader.text === 'kept, lost');
    expect(writer.refused ?? reader.refused).toBeUndefined();
  });

  it('[DUR4] that keeps failing is followed by asking ever more rarely', async () => {
    await using core = new Core();
    const writer = await core.join();
    const update = new Author(1).type('hello');
    core.journal.failures = Infinity;
    for (let pauseMs = minRetryMs, round = 1; round <= 10; round++) {
      writer.channel.update(update);
      await until('it has failed', () => core.observed.notices.length === round);
      core.clock.advance(pauseMs - 1);
      expect(writer.asked).toHaveLength(round);
      core.clock.advance(1);
      await until('it is asked', () => writer.asked.length === round + 1);
      pauseMs = Math.min(pauseMs * 2, maxRetryMs);
    }
    core.journal.failures = 0;
    writer.channel.update(update);
    await until('it is stored in the end', () => writer.text === 'hello');
  });

  it('[DUR5] is shared by an update that adds nothing to what waits for it', async () => {
    await using core = new Core();
    const [writer, other] = [await core.join(), await core.join()];
    const update = new Author(1).type('hello');
    core.journal.hold();
    writer.channel.update(update);
    other.channel.update(update);
    expect(core.observed.repeated).toBe(1);
    expect(other.text).toBe('');
    core.journal.release();
    await until('the other has it', () => other.text === 'hello');
    expect(core.journal.commits).toBe(1);
  });

  it('[DUR5] that fails is the failure of what shared it, too', async () => {
    await using core = new Core();
    const [writer, other] = [await core.join(), await core.join()];
    const update = new Author(1).type('hello');
    core.journal.hold();
    core.journal.failures = 1;
    writer.channel.update(update);
    other.channel.update(update);
    writer.channel.close();
    core.journal.release();
    await until('it has failed', () => core.observed.notices.length === 1);
    core.clock.advance(minRetryMs);
    await until('the other is asked', () => other.asked.length === 2);
    other.channel.update(update);
    await until('it is stored', () => other.text === 'hello');
  });
});

describe('a gap', () => {
  it('[DOC3] is asked for at once, and again only after a growing pause', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    anna.type('lost');
    const asks = (): number => writer.asked.length - 1;
    const typeOn = async (): Promise<void> => {
      writer.channel.update(anna.type('.'));
      await core.committed(anna.updates.length - 1);
    };
    await typeOn();
    expect(asks()).toBe(1);
    for (let pauseMs = minAskMs, round = 1; round <= 9; round++) {
      await typeOn();
      expect(asks()).toBe(round);
      core.clock.advance(pauseMs - 1);
      await typeOn();
      expect(asks()).toBe(round);
      // Nothing more is typed: what was typed during the pause is asked for at its end.
      core.clock.advance(1);
      await until('it is asked again', () => asks() === round + 1);
      pauseMs = Math.min(pauseMs * 2, maxAskMs);
    }
    writer.channel.update(Y.encodeStateAsUpdate(anna.document, writer.asked.at(-1)));
    await until('the gap is closed', () => writer.text === anna.text);
    core.clock.advance(maxAskMs);
    await typeOn();
    expect(asks()).toBe(10);
    expect(core.observed.gapsAsked).toBe(10);
  });

  it('[DOC3] that opens soon after one was closed does not stay', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    anna.type('lost');
    writer.channel.update(anna.type(', heard'));
    writer.channel.update(Y.encodeStateAsUpdate(anna.document, writer.asked.at(-1)));
    anna.type(', lost again');
    writer.channel.update(anna.type(', heard again'));
    await core.committed(3);
    core.clock.advance(minAskMs);
    await until('it is asked again', () => writer.asked.length === 3);
    writer.channel.update(Y.encodeStateAsUpdate(anna.document, writer.asked.at(-1)));
    await until('nothing is missing', () => writer.text === anna.text);
  });

  it('[DOC3] is one, too, where an update refers to what another client wrote', async () => {
    await using core = new Core();
    const writer = await core.join();
    const [anna, ben] = [new Author(1), new Author(2)];
    Y.applyUpdate(ben.document, anna.type('never sent'));
    writer.channel.update(ben.type(', sent'));
    expect(writer.asked).toHaveLength(2);
    await core.committed(1);
    const deleter = await core.join();
    deleter.channel.update(ben.erase(0, 5));
    expect(deleter.asked).toHaveLength(2);
  });
});

describe('a refusal', () => {
  it('[DOC7] ends the channel of its sender alone', async () => {
    await using core = new Core();
    const [sender, other] = [await core.join(), await core.join()];
    const anna = new Author(1);
    sender.channel.update(Uint8Array.of(1, 2, 3));
    expect(sender.refused?.code).toBe('malformed_update');
    expect(sender.channel.isClosed).toBe(true);
    other.channel.update(anna.type('hello'));
    await until('the other goes on', () => other.text === 'hello');
    expect(other.refused).toBeUndefined();
    expect(sender.text).toBe('');
  });

  it('[DOC7] of a large update takes nothing along that came before it, and lets nothing in that comes after', async () => {
    await using core = new Core();
    const [sender, other] = [await core.join(), await core.join()];
    const anna = new Author(1);
    sender.channel.update(anna.type('before'));
    sender.channel.update(new Uint8Array(100_000).fill(255));
    sender.channel.update(anna.type(', after'));
    await until('it is refused', () => sender.refused !== undefined);
    // Large enough that its check ends in another turn, when nobody waits for it any more.
    sender.channel.update(new Uint8Array(100_000).fill(255));
    other.channel.update(new Author(2).type('!'));
    await core.committed(2);
    expect(other.text.replace('!', '')).toBe('before');
    expect(core.observed.refusals).toEqual(['malformed_update']);
  });
});
