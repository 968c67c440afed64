import { minRetryMs } from '@syncline/server/core/limits.ts';
import { describe, expect, it } from 'vitest';
import { Author, Core, letters } from '../core/core.ts';
import { until } from '../support/until.ts';
import { CoreSession } from './core-session.ts';

/** Large enough that its check is a worker's. */
const large = letters(20_000);

async function failed(core: Core, times = 1): Promise<void> {
  await until(`${times} commits have failed`, () => core.observed.notices.length >= times);
}

describe('a batch', () => {
  it('[NAT3] is stored when it is committed and not before, and its author is not sent it', async () => {
    await using core = new Core();
    const [writer, reader] = [await CoreSession.join(core), await CoreSession.join(core)];
    const anna = new Author(1);
    core.journal.hold();
    writer.updates(1, anna.type('hello'), anna.type(', world'));
    await until('it is drafted', () => core.documents.queuedBytes > 0);
    expect([writer.of('stored'), reader.of('updates')]).toEqual([[], []]);
    core.journal.release();
    expect(await writer.hears('stored')).toMatchObject({ channel: 1, from: 1, through: 1, sequence: 1 });
    await reader.hears('updates');
    expect(reader.text).toBe('hello, world');
    expect(writer.of('updates')).toEqual([]);
    // It has everything up to its own update, so that it is not sent it after a loss either.
    expect(writer.of('stored')[0]?.position).toBe(1);
  });

  it('[NAT3] of updates that meet two commits is stored with the second', async () => {
    await using core = new Core();
    const writer = await CoreSession.join(core);
    const anna = new Author(1);
    const updates = [anna.type('small'), anna.type(large)];
    core.journal.hold();
    writer.updates(1, ...updates);
    await until('the large one is checked', () => core.documents.queuedBytes > large.length);
    core.journal.release();
    // The next commit is held as soon as the first has ended, in the same turn.
    core.journal.hold();
    await core.committed(1);
    expect(writer.of('stored')).toEqual([]);
    core.journal.release();
    await writer.hears('stored');
    expect(core.journal.commits).toBe(2);
    expect(writer.of('stored')).toMatchObject([{ from: 1, through: 1, sequence: 2, position: 2 }]);
  });

  it('[NAT3] without updates is stored at once', async () => {
    await using core = new Core();
    const writer = await CoreSession.join(core);
    writer.updates(1);
    expect(writer.of('stored')).toMatchObject([{ from: 1, through: 1 }]);
  });

  it('[NAT3] of what is committed already is stored at once', async () => {
    await using core = new Core();
    const [writer, other] = [await CoreSession.join(core), await CoreSession.join(core)];
    const update = new Author(1).type('hello');
    writer.updates(1, update);
    await writer.hears('stored');
    other.updates(9, update, update);
    expect(other.of('stored')).toMatchObject([{ from: 9, through: 9, sequence: 1 }]);
    expect(core.journal.commits).toBe(1);
  });

  it('[NAT3] [DUR5] of what another session has queued is stored with that', async () => {
    await using core = new Core();
    const [writer, other] = [await CoreSession.join(core), await CoreSession.join(core)];
    const update = new Author(1).type('hello');
    core.journal.hold();
    writer.updates(1, update);
    other.updates(9, update);
    await until('it is repeated', () => core.observed.repeated === 1);
    expect([writer.of('stored'), other.of('stored')]).toEqual([[], []]);
    core.journal.release();
    await Promise.all([writer.hears('stored'), other.hears('stored')]);
    expect(other.of('stored')).toMatchObject([{ from: 9, through: 9, sequence: 1, position: 1 }]);
    expect(core.journal.commits).toBe(1);
  });
});

describe('a commit that fails', () => {
  it('[NAT4] stores nothing, and is asked for again after a pause, to be stored when it is committed', async () => {
    await using core = new Core();
    const [writer, reader] = [await CoreSession.join(core), await CoreSession.join(core)];
    const anna = new Author(1);
    const batches = [[anna.type('one')], [anna.type(' two'), anna.type(' three')], [anna.type(' four')]];
    const sayAll = (): void => batches.forEach((updates, index) => writer.updates(index + 1, ...updates));
    core.journal.failures = 1;
    sayAll();
    await failed(core);
    core.clock.advance(minRetryMs - 1);
    expect(writer.of('again')).toEqual([]);
    core.clock.advance(1);
    expect(writer.of('again')).toMatchObject([{ channel: 1, from: 1, through: 3 }]);
    expect([reader.of('again'), reader.of('updates'), writer.of('stored')]).toEqual([[], [], []]);
    sayAll();
    await writer.hears('stored');
    expect(writer.of('stored')).toMatchObject([{ from: 1, through: 3 }]);
    await until('the reader has it', () => reader.text === anna.text);
    expect(writer.of('again')).toHaveLength(1);
  });

  it('[NAT4] [DUR5] is the failure of what shared it, too', async () => {
    await using core = new Core();
    const [writer, other] = [await CoreSession.join(core), await CoreSession.join(core)];
    const update = new Author(1).type('hello');
    core.journal.hold();
    core.journal.failures = 1;
    writer.updates(1, update);
    other.updates(9, update);
    writer.end();
    core.journal.release();
    await failed(core);
    core.clock.advance(minRetryMs);
    expect(other.of('again')).toMatchObject([{ from: 9, through: 9 }]);
    expect(other.of('stored')).toEqual([]);
    other.updates(9, update);
    expect(await other.hears('stored')).toMatchObject({ from: 9, through: 9, sequence: 1 });
  });

  it('[NAT4] loses a batch of which a part was committed before', async () => {
    await using core = new Core();
    const writer = await CoreSession.join(core);
    const anna = new Author(1);
    const updates = [anna.type('small'), anna.type(large)];
    core.journal.hold();
    writer.updates(1, ...updates);
    await until('the large one is checked', () => core.documents.queuedBytes > large.length);
    core.journal.release();
    core.journal.hold();
    await core.committed(1);
    core.journal.failures = 1;
    core.journal.release();
    await failed(core);
    core.clock.advance(minRetryMs);
    expect(writer.of('again')).toMatchObject([{ from: 1, through: 1 }]);
    expect(writer.of('stored')).toEqual([]);
    writer.updates(1, ...updates);
    await writer.hears('stored');
    expect(writer.of('stored')).toMatchObject([{ from: 1, through: 1, sequence: 2 }]);
  });

  it('[NAT4] asks for a batch again whose other updates are settled only after the pause', async () => {
    await using core = new Core();
    const writer = await CoreSession.join(core);
    const anna = new Author(1);
    const updates = [anna.type('small'), anna.type(large)];
    core.journal.failures = 1;
    writer.updates(1, ...updates);
    await failed(core);
    // The large one is still being checked.
    expect(core.documents.queuedBytes).toBeGreaterThan(large.length);
    core.clock.advance(minRetryMs);
    await core.committed(1);
    expect(await writer.hears('again')).toMatchObject({ from: 1, through: 1 });
    writer.updates(1, ...updates);
    expect(await writer.hears('stored')).toMatchObject({ from: 1, through: 1 });
    expect(writer.of('again')).toHaveLength(1);
  });

  it('[NAT4] takes along what is queued behind it', async () => {
    await using core = new Core();
    const [writer, other] = [await CoreSession.join(core), await CoreSession.join(core)];
    const [anna, ben] = [new Author(1), new Author(2)];
    core.journal.hold();
    core.journal.failures = 1;
    writer.updates(1, anna.type('first'));
    await until('it is drafted', () => core.documents.queuedBytes > 0);
    await new Promise(setImmediate);
    const queued = ben.type('second');
    other.updates(5, queued);
    core.journal.release();
    await failed(core);
    core.clock.advance(minRetryMs);
    expect(writer.of('again')).toMatchObject([{ from: 1, through: 1 }]);
    expect(other.of('again')).toMatchObject([{ from: 5, through: 5 }]);
  });
});

describe('a session that does not read', () => {
  it('[NAT3] [DOC2] is owed one receipt for batches that follow each other, and told when it has room', async () => {
    await using core = new Core();
    const writer = await CoreSession.join(core);
    const anna = new Author(1);
    writer.stall();
    for (let batch = 1; batch <= 100; batch++) {
      writer.updates(batch, anna.type('.'));
      await core.committed(batch);
    }
    expect(writer.of('stored')).toEqual([]);
    writer.drain();
    expect(writer.of('stored')).toMatchObject([{ from: 1, through: 100, sequence: 100, position: 100 }]);
  });

  it('[NAT4] [DOC2] is told what was lost when it has room', async () => {
    await using core = new Core();
    const writer = await CoreSession.join(core);
    core.journal.failures = 1;
    writer.stall();
    writer.updates(1, new Author(1).type('hello'));
    await failed(core);
    core.clock.advance(minRetryMs);
    expect(writer.of('again')).toEqual([]);
    writer.drain();
    expect(writer.of('again')).toMatchObject([{ from: 1, through: 1 }]);
  });

  it.each([
    { what: 'stored', failures: 0 },
    { what: 'lost', failures: Infinity },
  ])('[DOC9] is refused when it is owed too many receipts of what is $what', async ({ failures }) => {
    await using core = new Core();
    const [writer, reader] = [await CoreSession.join(core), await CoreSession.join(core)];
    const anna = new Author(1);
    core.journal.hold();
    core.journal.failures = failures;
    writer.stall();
    for (let batch = 1; batch <= 1_001; batch++) writer.updates(batch * 2, anna.type('.'));
    core.journal.release();
    if (failures > 0) await failed(core);
    core.clock.advance(minRetryMs);
    expect(await writer.hears('refused')).toMatchObject({ channel: 1, code: 'bad_frame' });
    expect(reader.of('refused')).toEqual([]);
  });
});
