// What is exactly as large as it may be is taken, and what is larger by one is refused, with an error that says what to do.
import type { ErrorCode } from '@syncline/client';
import { SyncError } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import { StockClient } from '../support/client.ts';
import { NativeClient } from '../support/native-client.ts';
import { RawClient } from '../support/raw-client.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SizedUpdates } from '../support/sized-updates.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';

/** Holds that the error table tells a client to leave it. */
function expectNever(code: ErrorCode): void {
  expect(new SyncError(code).retry).toBe('never');
}

describe('an update', () => {
  const maxBytes = 1_000;
  const limited = ['--max-update', String(maxBytes)];

  it('[LIM2] of the largest size is stored, and one larger by a byte ends its channel alone', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path, arguments: limited });
    using anna = await NativeClient.join(server.sync, document);
    const updates = new SizedUpdates();
    anna.updates(1, 1, updates.next(maxBytes), updates.next(maxBytes));
    await anna.hears('stored');
    anna.open(2, 'another');
    anna.updates(1, 2, updates.next(30), new SizedUpdates().next(maxBytes + 1));
    expect(await anna.hears('refused')).toEqual({
      say: 'refused',
      channel: 1,
      code: 'update_too_large',
      detail: `it may have ${maxBytes} bytes`,
    });
    anna.updates(2, 1, new SizedUpdates().next(30));
    await anna.hears('stored', 2);
    expect(anna.ended).toBeUndefined();
    expectNever('update_too_large');
  });

  it('[LIM2] that is too large is refused before it is read', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path, arguments: limited });
    for (const [bytes, code] of [
      [maxBytes, 4422],
      [maxBytes + 1, 4414],
    ] as const) {
      using client = await (await RawClient.join(server.yjs, document)).answered();
      client.update(new Uint8Array(bytes).fill(0xff));
      expect((await client.closed).code).toBe(code);
    }
  });

  it('[LIM2] that is too large stops a stock client, and is kept in the SDK until larger ones are taken', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path, arguments: limited });
    await using anna = new SdkClient({ url: server.sync });
    const notes = anna.open(document);
    write(notes, 'x'.repeat(maxBytes));
    await expect(notes.saved()).rejects.toMatchObject({ code: 'update_too_large' });
    expect(notes.status.downloads).toMatchObject({ state: 'refused', retryAtMs: undefined });
    using ben = await new StockClient({ url: server.yjs, document }).synced();
    const closed = new Promise<number>((resolve) => ben.provider.on('closed', ({ code }) => resolve(code)));
    ben.text.insert(0, 'y'.repeat(maxBytes));
    expect(await closed).toBe(4414);
    await server.end();
    await using again = await ServerProcess.start({ data: folder.path, port: server.port });
    await anna.reaches('connected');
    notes.retry();
    await notes.saved();
    expect(await lettersIn(again)).toBe(maxBytes);
  });
});

/** How many letters a newcomer finds. */
async function lettersIn({ yjs }: ServerProcess): Promise<number> {
  using reader = await (await RawClient.join(yjs, document)).answered();
  return reader.text().length;
}

describe('a document', () => {
  const maxBytes = 4_096;

  it('[LIM3] takes updates up to its largest size, one more byte ends its sender, and it is read as before', async () => {
    using folder = temporaryFolder();
    const limited = { data: folder.path, arguments: ['--max-document', String(maxBytes)] };
    await using server = await ServerProcess.start(limited);
    using anna = await NativeClient.join(server.sync, document);
    const updates = new SizedUpdates();
    const first = updates.next(3_000);
    anna.updates(1, 1, first);
    await anna.hears('stored');
    anna.updates(1, 2, updates.next(maxBytes - 3_000));
    await anna.hears('stored', 2);
    // What is there already adds nothing.
    anna.updates(1, 3, first);
    await anna.hears('stored', 3);
    const full = updates.text;
    anna.updates(1, 4, updates.next(30));
    expect(await anna.hears('refused')).toEqual({
      say: 'refused',
      channel: 1,
      code: 'document_too_large',
      detail: `it may have ${maxBytes} bytes`,
    });
    expectNever('document_too_large');

    using stock = await new StockClient({ url: server.yjs, document }).synced();
    await using ben = new SdkClient({ url: server.sync });
    const notes = ben.open(document);
    await notes.synced();
    expect([stock.text.toJSON(), textOf(notes)]).toEqual([full, full]);
    // Who is there can be seen, and stays.
    stock.provider.awareness.setLocalStateField('name', 'stock');
    await until('ben sees him', () =>
      [...notes.presence.getStates().values()].some(({ name }) => name === 'stock'),
    );
    const closed = new Promise<number>((resolve) => stock.provider.on('closed', ({ code }) => resolve(code)));
    stock.text.insert(0, 'y');
    expect(await closed).toBe(4415);
    write(notes, 'z');
    await expect(notes.saved()).rejects.toMatchObject({ code: 'document_too_large' });

    await server.end();
    expect(storedDocument(folder.path, document).getText('content').toJSON()).toBe(full);
    const raised = ['--max-document', String(2 * maxBytes)];
    await using again = await ServerProcess.start({ ...limited, port: server.port, arguments: raised });
    await ben.reaches('connected');
    notes.retry();
    await notes.saved();
    await again.end();
    expect(storedDocument(folder.path, document).getText('content').toJSON()).toHaveLength(full.length + 1);
  });

  it('[LIM3] takes no more than that at once either', async () => {
    using folder = temporaryFolder();
    const limited = ['--max-document', String(maxBytes)];
    await using server = await ServerProcess.start({ data: folder.path, arguments: limited });
    using anna = await NativeClient.join(server.sync, document);
    const updates = new SizedUpdates();
    const many = Array.from({ length: 2 * (maxBytes / 256) }, () => updates.next(256));
    many.forEach((update, at) => anna.updates(1, at + 1, update));
    await anna.hears('refused');
    await server.end();
    const stored = storedDocument(folder.path, document).getText('content').length;
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(maxBytes);
  });

  it('[LIM3] that is larger than it may be by now is read as before', async () => {
    using folder = temporaryFolder();
    await using roomy = await ServerProcess.start({ data: folder.path });
    using anna = await new StockClient({ url: roomy.yjs, document }).synced();
    anna.text.insert(0, 'x'.repeat(2 * maxBytes));
    anna.text.delete(0, maxBytes);
    using ben = await new StockClient({ url: roomy.yjs, document }).synced();
    await until('it has come', () => ben.text.length === maxBytes);
    for (const { provider } of [anna, ben]) provider.disconnect();
    await roomy.end();
    const limited = ['--max-document', String(maxBytes)];
    await using server = await ServerProcess.start({ data: folder.path, arguments: limited });
    using cleo = await new StockClient({ url: server.yjs, document }).synced();
    expect(cleo.text.length).toBe(maxBytes);
    // It answered the server's question, with all of the deletions that it knows of.
    cleo.provider.awareness.setLocalStateField('name', 'cleo');
    using reader = await (await RawClient.join(server.yjs, document)).answered();
    await until('cleo is seen', () => reader.bodies('presence').length > 0);
    expect(cleo.provider.wsconnected).toBe(true);
  });
});

describe('a frame', () => {
  it('[YWS7] [NAT10] of the native protocol that is larger than it may be ends the connection', async () => {
    using folder = temporaryFolder();
    const maxBytes = 10_000;
    await using server = await ServerProcess.start({
      data: folder.path,
      arguments: ['--max-frame', String(maxBytes)],
    });
    using anna = await NativeClient.join(server.sync, document);
    expect(anna.of('welcome')[0]?.maxFrameBytes).toBe(maxBytes);
    const headBytes = 6;
    anna.updates(1, 1, new SizedUpdates().next(maxBytes - headBytes));
    await anna.hears('stored');
    expectNever('frame_too_large');
    anna.updates(1, 2, new SizedUpdates().next(maxBytes - headBytes + 1));
    expect((await anna.closed).code).toBe(4413);
  });
});
