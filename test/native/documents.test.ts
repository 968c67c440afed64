import * as Y from 'yjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Author, letters } from '../core/core.ts';
import { StockClient } from '../support/client.ts';
import { fingerprintOf, NativeClient } from '../support/native-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';

let folder: ReturnType<typeof temporaryFolder>;
let server: ServerProcess;

beforeAll(async () => {
  folder = temporaryFolder();
  server = await ServerProcess.start({ data: folder.path });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function textOf(doc: Y.Doc): string {
  return doc.getText('content').toJSON();
}

describe('one connection', () => {
  it('[NAT2] carries many documents, and what ends one of them touches no other', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `many/${at}`);
    const authors = names.map((_, at) => new Author(at + 1));
    using writer = await NativeClient.greet(server.sync);
    using reader = await NativeClient.greet(server.sync);
    for (const [at, name] of names.entries()) {
      for (const client of [writer, reader]) {
        client.open(at + 1, name);
        client.compare(at + 1, new Y.Doc());
      }
    }
    await reader.hears('caughtUp', names.length);
    // What cannot be merged, among what can.
    writer.updates(7, 1, Uint8Array.of(1, 2, 3));
    for (const [at, author] of authors.entries()) writer.updates(at + 1, 1, author.type(`${at}`));
    await writer.hears('stored', names.length - 1);
    expect(writer.of('refused')).toMatchObject([{ channel: 7, code: 'malformed_update' }]);
    await until('the reader has them', () => reader.of('updates').length === names.length - 1);
    for (const [at] of names.entries())
      expect([at, textOf(reader.document(at + 1))]).toEqual([at, at === 6 ? '' : `${at}`]);
    expect(reader.of('refused')).toEqual([]);
  });
});

describe('a batch', () => {
  it('[NAT3] is answered with its number and sequence, and sent to everybody but its author', async () => {
    const anna = new Author(1);
    using author = await NativeClient.join(server.sync, 'batch');
    using reader = await NativeClient.join(server.sync, 'batch');
    author.updates(1, 1, anna.type('one'), anna.type(' two'));
    const first = await author.hears('stored');
    expect(first).toMatchObject({ channel: 1, from: 1, through: 1 });
    expect(first.sequence).toBeGreaterThan(0);
    expect(first.position).toBe(first.sequence);
    author.updates(1, 2, anna.type(' three'));
    const second = await author.hears('stored', 2);
    expect(second).toMatchObject({ from: 2, through: 2 });
    expect(second.sequence).toBeGreaterThan(first.sequence);
    await until('the reader has it', () => textOf(reader.document(1)) === 'one two three');
    expect(reader.of('updates').map(({ position }) => position)).toEqual([first.sequence, second.sequence]);
    await author.roundTrip();
    expect(author.of('updates')).toEqual([]);
  });

  it('[NAT3] is on the disk when it is answered', async () => {
    using data = temporaryFolder();
    await using killed = await ServerProcess.start({ data: data.path });
    const anna = new Author(1);
    using author = await NativeClient.join(killed.sync, 'notes');
    for (let batch = 1; batch <= 50; batch++) author.updates(1, batch, anna.type(`${batch} `));
    await until('all are stored', () => author.of('stored').at(-1)?.through === 50);
    await killed.end('SIGKILL');
    expect(textOf(storedDocument(data.path, 'notes'))).toBe(anna.text);
    // Each batch once, whatever was told together.
    const told = author
      .of('stored')
      .flatMap(({ from, through }) => Array.from({ length: through - from + 1 }, (_, at) => from + at));
    expect(told.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
  });

  it('[NAT3] is shared with stock clients, both ways', async () => {
    const anna = new Author(1);
    using native = await NativeClient.join(server.sync, 'shared');
    using stock = await new StockClient({ url: server.yjs, document: 'shared', clientID: 2 }).synced();
    native.updates(1, 1, anna.type('native'));
    await until('the stock client has it', () => stock.text.toJSON() === 'native');
    stock.text.insert(6, ', stock');
    await until('the native client has it', () => native.of('updates').length > 0);
    expect(textOf(native.document(1, anna.document))).toBe('native, stock');
  });

  it('[DOC3] [NAT3] before which something is missing is stored, and what is missing asked for', async () => {
    const anna = new Author(1);
    using author = await NativeClient.join(server.sync, 'gap');
    anna.type('lost');
    author.updates(1, 1, anna.type(', heard'));
    const { request } = await author.hears('ask');
    author.updates(1, 2, Y.encodeStateAsUpdate(anna.document, request));
    await until('both are stored', () => author.of('stored').at(-1)?.through === 2);
    using reader = await NativeClient.join(server.sync, 'gap');
    expect(textOf(reader.document(1))).toBe(anna.text);
  });
});

it('[NAT8] a large answer comes in frames of about 64 KiB, with its size announced', async () => {
  const anna = new Author(1);
  using author = await NativeClient.join(server.sync, 'large');
  let batch = 0;
  for (; batch < 100; batch++) author.updates(1, batch + 1, anna.type(letters(15_000)));
  await until('all is stored', () => author.of('stored').at(-1)?.through === batch);
  using reader = await NativeClient.join(server.sync, 'large');
  const [announced, ...others] = reader.of('answer');
  const updates = reader.of('updates');
  const bytes = updates.flatMap((message) => message.updates).reduce((sum, { length }) => sum + length, 0);
  expect(others).toEqual([]);
  expect(bytes).toBeGreaterThan(1_500_000);
  expect(announced!.bytes).toBeGreaterThanOrEqual(bytes * 0.9);
  expect(announced!.bytes).toBeLessThan(bytes * 1.2);
  expect(updates.length).toBeGreaterThan(10);
  // The last update of a frame may be larger than what is left; these are pieces of up to 128 KiB.
  expect(reader.largestFrameBytes).toBeLessThan(200 * 1024);
  expect(updates.every(({ position }) => position === 0)).toBe(true);
  expect(reader.heard.map(({ say }) => say).slice(0, 3)).toEqual(['welcome', 'answer', 'updates']);
  expect(reader.heard.at(-1)?.say).toBe('caughtUp');
  const doc = reader.document(1);
  expect(textOf(doc)).toBe(anna.text);
  expect(reader.of('caughtUp')[0]!.digest).toEqual(fingerprintOf(doc));
});
