import * as Y from 'yjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintOf, NativeClient } from '../support/native-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
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

type Edit = (text: Y.Text) => void;

/** A document of a client of its own, that had what another has, and was then edited by itself. */
function copyOf(base: Y.Doc | undefined, clientID: number, edit: Edit): Y.Doc {
  const doc = new Y.Doc();
  doc.clientID = clientID;
  if (base) Y.applyUpdate(doc, Y.encodeStateAsUpdate(base));
  edit(doc.getText('content'));
  return doc;
}

/** Has the server hold what a document holds. */
async function upload(document: string, doc: Y.Doc): Promise<void> {
  using client = await NativeClient.join(server.sync, document);
  client.updates(1, 1, Y.encodeStateAsUpdate(doc));
  await client.hears('stored');
}

/** Compares, answers what is asked for as a client does, and takes in what comes; gives how often it was asked. */
async function agree(document: string, doc: Y.Doc): Promise<number> {
  using client = await NativeClient.greet(server.sync);
  client.open(1, document);
  client.compare(1, doc);
  await client.hears('caughtUp');
  const asks = client.of('ask');
  for (const [index, { request }] of asks.entries())
    client.updates(1, index + 1, Y.encodeStateAsUpdate(doc, request));
  await client.hears('stored', asks.length);
  client.document(1, doc);
  client.say({ say: 'verify', channel: 1 });
  const { digest } = await client.hears('caughtUp', 2);
  expect(digest).toEqual(fingerprintOf(doc));
  return asks.length;
}

/** What somebody is given who has nothing. */
async function held(document: string): Promise<string> {
  using reader = await NativeClient.join(server.sync, document);
  return reader.document(1).getText('content').toJSON();
}

const base = copyOf(undefined, 1, (text) => text.insert(0, 'hello, world'));
const nothing: Edit = () => {};
const eraseHello: Edit = (text) => text.delete(0, 5);
const eraseWorld: Edit = (text) => text.delete(7, 5);
const addAtFront: Edit = (text) => text.insert(0, 'oh, ');
const addAtEnd: Edit = (text) => text.insert(text.length, '!');
const both =
  (...edits: readonly Edit[]): Edit =>
  (text) =>
    edits.forEach((edit) => edit(text));

describe('after a comparison client and server hold the same', () => {
  const cases: readonly (readonly [what: string, here: Edit, there: Edit, asks: number, end: string])[] = [
    ['they did before', nothing, nothing, 0, 'hello, world'],
    ['the client has more', nothing, addAtEnd, 1, 'hello, world!'],
    ['the server has more', addAtEnd, nothing, 0, 'hello, world!'],
    ['each has something more', addAtFront, addAtEnd, 1, 'oh, hello, world!'],
    ['the client has deleted', nothing, eraseHello, 1, ', world'],
    ['each has deleted', eraseWorld, eraseHello, 1, ', '],
    ['each has deleted the same', eraseHello, eraseHello, 0, ', world'],
    ['each has written and deleted', both(eraseWorld, addAtFront), both(addAtEnd, eraseHello), 1, 'oh, , !'],
  ];

  it.each(cases)('[NAT7] where %s', async (what, here, there, asks, end) => {
    const document = `compared/${what}`;
    await upload(document, copyOf(base, 2, here));
    const doc = copyOf(base, 3, there);
    expect(await agree(document, doc)).toBe(asks);
    expect([doc.getText('content').toJSON(), await held(document)]).toEqual([end, end]);
  });

  it('[NAT7] where the server has deleted, at the cost of being asked', async () => {
    // A hash does not tell which side has the more deletions.
    await upload('compared/deleted here', copyOf(base, 2, eraseHello));
    const doc = copyOf(base, 3, nothing);
    expect(await agree('compared/deleted here', doc)).toBe(1);
    expect(doc.getText('content').toJSON()).toBe(', world');
  });

  it('[NAT7] where the client has nothing, or the server', async () => {
    const empty = new Y.Doc();
    await upload('compared/full', copyOf(base, 2, eraseHello));
    expect(await agree('compared/full', empty)).toBe(0);
    expect(empty.getText('content').toJSON()).toBe(', world');
    expect(await agree('compared/empty', copyOf(base, 3, addAtEnd))).toBe(1);
    expect(await held('compared/empty')).toBe('hello, world!');
  });
});

it('[NAT7] a digest that differs is followed by a comparison that makes them equal', async () => {
  const document = 'compared/late';
  await upload(document, copyOf(base, 2, eraseHello));
  using client = await NativeClient.join(server.sync, document);
  const resume = client.position(client.of('caughtUp')[0]!.position);
  // It claims to have read everything, and holds something else.
  const doc = copyOf(base, 3, addAtEnd);
  using back = await NativeClient.greet(server.sync);
  back.open(1, document, resume);
  const { digest } = await back.hears('caughtUp');
  expect(digest).not.toEqual(fingerprintOf(doc));
  back.compare(1, doc);
  const { request } = await back.hears('ask');
  back.updates(1, 1, Y.encodeStateAsUpdate(doc, request));
  await back.hears('stored');
  await until('it is caught up', () => back.of('caughtUp').length === 2);
  expect(fingerprintOf(back.document(1, doc))).toEqual(fingerprintOf((await whole(document)).doc));
  expect(doc.getText('content').toJSON()).toBe(', world!');
});

async function whole(document: string): Promise<{ doc: Y.Doc }> {
  using reader = await NativeClient.join(server.sync, document);
  return { doc: reader.document(1) };
}
