// What a device keeps of a document, transaction by transaction: a real store in a file, which fails when the test says so.
import { join } from 'node:path';
import { OtherTabs } from '@syncline/client/local/other-tabs.ts';
import { describe, expect, it } from 'vitest';
import { textOf, write } from '../support/sdk-client.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { Desk, keeperOf, updateWith } from './desk.ts';
import { StoreByHand } from './store-by-hand.ts';

const document = 'notes/today';

interface Device extends AsyncDisposable {
  readonly store: StoreByHand;
  readonly keeper: ReturnType<typeof keeperOf>;
}

function device(): Device {
  const folder = temporaryFolder();
  const store = new StoreByHand(join(folder.path, 'app.kept'));
  const keeper = keeperOf(store);
  return {
    store,
    keeper,
    async [Symbol.asyncDispose]() {
      await keeper.close();
      folder[Symbol.dispose]();
    },
  };
}

it('[SDK19] a position is kept with everything up to it, also where an app opens a document as something comes', async () => {
  await using here = device();
  const { store, keeper } = here;
  const notes = new Desk(document, keeper);
  await notes.local.load();
  notes.attach();
  notes.catchUp(5);
  await notes.written();
  notes.hear({ say: 'updates', channel: 1, position: 6, updates: [updateWith('one')] });
  const read: Promise<unknown>[] = [];
  notes.doc.once('update', () => read.push(keeper.read('another')));
  notes.hear({ say: 'updates', channel: 1, position: 7, updates: [updateWith('two')] });
  await Promise.all(read);
  await notes.written();
  const first = store.writes.find(({ mark }) => mark?.resume?.position === 7);
  expect(first?.updates).toHaveLength(2);
});

it('[SDK20] what was forgotten stays so, also where it could not be written before', async () => {
  await using here = device();
  const { store, keeper } = here;
  const [notes, others] = [new Desk(document, keeper), new Desk('another', keeper)];
  await Promise.all([notes.local.load(), others.local.load()]);
  write(notes, 'kept');
  await notes.written();
  store.fail('write', 'full');
  write(notes, ', and not');
  await expect(notes.local.saved()).rejects.toMatchObject({ code: 'full' });
  notes.close();
  await keeper.forget(document);
  expect(await store.read(document)).toBeUndefined();
  // With it there is room again.
  expect(keeper.durability.state).not.toBe('failed');
  store.mend();
  write(others, 'goes on');
  await others.written();
  expect(await store.read(document)).toBeUndefined();
  expect((await store.list()).map((kept) => kept.document)).toEqual(['another']);
});

it('[SDK20] what could not be forgotten is written all the same', async () => {
  await using here = device();
  const { store, keeper } = here;
  const notes = new Desk(document, keeper);
  await notes.local.load();
  store.fail('write', 'full');
  store.fail('forget', 'failed');
  write(notes, 'typed');
  await expect(notes.local.saved()).rejects.toMatchObject({ code: 'full' });
  notes.close();
  await expect(keeper.forget(document)).rejects.toMatchObject({ code: 'failed' });
  store.mend();
  await until('it is written', async () => (await store.read(document)) !== undefined);
});

it('[SDK19] what is read waits for what was typed before, and for nothing that is typed meanwhile', async () => {
  await using here = device();
  const { store, keeper } = here;
  const notes = new Desk(document, keeper);
  await notes.local.load();
  let transactions = 0;
  store.onWrite = () => {
    if (++transactions < 40) write(notes, 'x');
    notes.synced.flush();
  };
  write(notes, 'typed before');
  notes.synced.flush();
  await keeper.read('another');
  expect([1, 2]).toContain(transactions);
  await until('all of it was typed', () => transactions >= 40);
  await notes.written();
});

it.each([
  ['is gone', (notes: Desk) => notes.local.inherit()],
  ['was not heard', (notes: Desk) => notes.local.catchUp()],
])(
  '[SDK19] what another has kept who %s is taken in, also where nothing was kept before',
  async (_, look) => {
    await using here = device();
    const { store, keeper } = here;
    const [gone, notes] = [new Desk(document, keeper), new Desk(document, keeper)];
    await Promise.all([gone.local.load(), notes.local.load()]);
    write(gone, 'typed');
    await gone.written();
    gone.close();
    look(notes);
    await until('it is there', () => textOf(notes) === 'typed');
    expect(notes.synced.isSaved).toBe(false);
    expect((await store.read(document))?.unsaved).toHaveLength(1);
  },
);

it('[SDK20] what is typed while a store cannot be read is written as one whole', async () => {
  await using here = device();
  const { store, keeper } = here;
  store.fail('read', 'failed');
  const notes = new Desk(document, keeper);
  await notes.local.load();
  for (let edit = 0; edit < 100; edit++) {
    write(notes, 'x');
    notes.synced.flush();
  }
  store.mend();
  await until('it is read', () => notes.local.status.state === 'kept');
  await notes.written();
  expect(store.writes[0]?.updates).toHaveLength(1);
});

describe('[DEL3] what is read when the document is open already', () => {
  async function readLate(incarnation: number): Promise<Device & { readonly notes: Desk }> {
    const here = device();
    const { store, keeper } = here;
    const mark = { resume: undefined, incarnation: 1 };
    const updates = [updateWith('of old')];
    await store.write([{ document, engine: 'yjs', life: undefined, updates, mark }]);
    store.fail('read', 'failed');
    const notes = new Desk(document, keeper);
    await notes.local.load();
    notes.attach();
    expect(notes.said).toMatchObject([{ say: 'open', incarnation: 0 }, { say: 'compare' }]);
    store.mend();
    await until('it is read', () => store.reads > 0);
    notes.hear({ say: 'incarnation', channel: 1, incarnation });
    notes.hear({ say: 'updates', channel: 1, position: 0, updates: [updateWith('of now')] });
    notes.catchUp(5);
    await until('that is settled', () => notes.local.status.state !== 'loading');
    return { ...here, notes };
  }

  it('is taken in and compared, where it is of the same incarnation', async () => {
    await using here = await readLate(1);
    const { notes } = here;
    await until('both are there', () => textOf(notes).length === 'of oldof now'.length);
    expect(notes.local.status).toMatchObject({ state: 'kept' });
    // The server may lack what is of old.
    expect(notes.synced.isSaved).toBe(false);
  });

  it('stays out, where it is of one that was deleted', async () => {
    await using here = await readLate(2);
    const { notes, store } = here;
    expect(textOf(notes)).toBe('of now');
    expect(notes.said.filter(({ say }) => say === 'compare')).toHaveLength(1);
    expect(notes.local.status).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('deleted') },
    });
    // What is kept stays as it is.
    expect((await store.read(document))?.mark?.incarnation).toBe(1);
  });
});

describe('[TAB9] what another tab has typed', () => {
  const told = { document, engine: 'yjs', incarnation: 1, updates: [updateWith('told')] };

  async function opened(): Promise<Device & { readonly notes: Desk; readonly others: OtherTabs }> {
    const here = device();
    const notes = new Desk(document, here.keeper);
    await notes.local.load();
    const { synced, local } = notes;
    return { ...here, notes, others: new OtherTabs({ engine: 'yjs', synced, local }) };
  }

  it('is shown where no server has said yet of which incarnation it is: the next one judges', async () => {
    await using here = await opened();
    expect(await here.others.heard('other', told)).toBe(true);
    expect(textOf(here.notes)).toBe('told');
  });

  it.each([
    [1, 'told'],
    [2, ''],
  ])('waits for a server that is asked, which says incarnation %i', async (incarnation, text) => {
    await using here = await opened();
    const { notes, others } = here;
    notes.attach();
    const heard = others.heard('other', told);
    await new Promise(setImmediate);
    expect(textOf(notes)).toBe('');
    notes.hear({ say: 'incarnation', channel: 1, incarnation });
    notes.catchUp(5);
    expect(await heard).toBe(text !== '');
    expect(textOf(notes)).toBe(text);
  });
});
