import { documentName, SyncError } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { CoreSession } from '../native/core-session.ts';
import { until } from '../support/until.ts';
import { Author, Core } from './core.ts';

const name = documentName('notes');
const gone = { code: 'document_deleted' };

async function remove(core: Core): Promise<boolean> {
  const visit = core.documents.visit(name);
  return visit.delete().finally(() => visit.end());
}

async function begin(core: Core): Promise<boolean> {
  const visit = core.documents.visit(name);
  return visit.undelete().finally(() => visit.end());
}

describe('a document that is deleted', () => {
  it('[DEL1] ends for whoever has it open, and for whoever opens it, and what is typed in it is refused', async () => {
    await using core = new Core();
    const [writer, reader] = [await core.join(), await core.join()];
    const anna = new Author(1);
    await core.commit(writer, anna.type('hello'));
    expect(await remove(core)).toBe(true);
    expect([writer.refused, reader.refused]).toMatchObject([gone, gone]);
    const late = await core.open();
    await until('it is refused', () => late.refused !== undefined);
    expect(late.refused).toMatchObject(gone);
    expect(await core.journal.head(name)).toMatchObject({ isDeleted: true, tail: [{ updates: [] }] });
    expect(await remove(core)).toBe(false);
  });

  it('[DEL1] takes with it what waited for its commit', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    core.journal.hold();
    writer.channel.update(anna.type('hello'));
    const removed = remove(core);
    core.journal.releaseAll();
    expect(await removed).toBe(true);
    const { buried } = (await core.journal.head(name))!;
    expect(buried.length).toBe(1);
    expect(buried[0]!.length).toBeGreaterThan(2);
  });

  it('[DEL2] begins anew with nothing in it, and is not what it was', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    await core.commit(writer, anna.type('hello'));
    expect(await begin(core)).toBe(false);
    await remove(core);
    expect(await begin(core)).toBe(true);
    const reader = await core.join();
    expect(reader.text).toBe('');
    await core.commit(reader, new Author(2).type('again'));
    expect(await core.journal.head(name)).toMatchObject({ isDeleted: false, incarnation: 2 });
  });
});

describe('what is left of an earlier incarnation', () => {
  it('[DEL3] is refused by its content, whoever brings it', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    await core.commit(writer, anna.type('hello'));
    await remove(core);
    await begin(core);
    const stale = await core.join();
    stale.channel.update(anna.type(', world'));
    stale.channel.update(Y.encodeStateAsUpdate(anna.document));
    await until('it is refused', () => stale.refused !== undefined);
    expect(stale.refused).toMatchObject({ ...gone, detail: 'it is of an earlier incarnation' });
    const fresh = await core.join();
    expect(fresh.text).toBe('');
  });

  it('[DEL3] is refused by what its holder says that it has, before it is sent anything of the next', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    await core.commit(writer, anna.type('hello'));
    await remove(core);
    await begin(core);
    await core.commit(await core.join(), new Author(2).type('again'));
    const stale = await CoreSession.greet(core);
    stale.open(1);
    stale.compare(1, Uint8Array.from(Y.encodeStateVector(anna.document)));
    expect(await stale.hears('refused')).toMatchObject({ channel: 1, ...gone });
    expect(stale.of('updates')).toEqual([]);
  });

  it('[DEL3] is refused by what its holder says that it has, before what it types behind that is taken in', async () => {
    await using core = new Core();
    const anna = new Author(1);
    await core.commit(await core.join(), anna.type('hello'));
    await remove(core);
    await begin(core);
    const fresh = await core.join();
    const stale = await core.open();
    stale.channel.requested(Y.encodeStateVector(anna.document));
    stale.channel.update(anna.type(', world'));
    await until('it is refused', () => stale.refused !== undefined);
    expect(stale.refused).toMatchObject(gone);
    // Nothing of it waits for a commit.
    await core.commit(fresh, new Author(2).type('again'));
    const { tail } = (await core.journal.head(name))!;
    expect(tail.flatMap(({ updates }) => updates).length).toBe(1);
  });

  it('[DEL3] does not go on at the position where it stopped', async () => {
    await using core = new Core();
    const session = await CoreSession.join(core);
    session.updates(1, new Author(1).type('hello'));
    const { sequence } = await session.hears('stored');
    await remove(core);
    await begin(core);
    await core.commit(await core.join(), new Author(2).type('again'));
    const stale = await CoreSession.greet(core);
    stale.open(1, 'notes', stale.position(sequence));
    await stale.hears('expired');
    expect(stale.of('updates')).toEqual([]);
  });

  it('[DEL3] is still refused after the document has come to rest', async () => {
    await using core = new Core();
    const anna = new Author(1);
    await core.commit(await core.join(), anna.type('hello'));
    await remove(core);
    await begin(core);
    core.clock.advance(60_000);
    await until('it is at rest', () => core.documents.count === 0);
    const stale = await core.open();
    stale.channel.update(Y.encodeStateAsUpdate(anna.document));
    await until('it is refused', () => stale.refused !== undefined);
    expect(stale.refused).toBeInstanceOf(SyncError);
  });

  it('[DEL4] is refused where it is said to be of an earlier incarnation, and later where it is of one that is not known here', async () => {
    await using core = new Core();
    await core.commit(await core.join(), new Author(1).type('hello'));
    await remove(core);
    await begin(core);
    const session = await CoreSession.greet(core);
    session.open(1, 'notes', undefined, 1);
    expect(await session.hears('refused')).toMatchObject({ channel: 1, ...gone });
    session.open(2, 'notes', undefined, 3);
    expect(await session.hears('refused', 2)).toMatchObject({ channel: 2, code: 'unavailable' });
    session.open(3, 'notes', undefined, 2);
    expect(await session.hears('incarnation')).toMatchObject({ channel: 3, incarnation: 2 });
    // Numbers are free again, and a document that was never deleted is in its first incarnation without a word.
    session.open(1, 'plan', undefined, 1);
    session.compare(1);
    await session.hears('caughtUp');
    expect(session.of('incarnation').length).toBe(1);
  });
});
