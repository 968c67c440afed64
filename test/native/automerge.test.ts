// The native protocol of an Automerge document, frame by frame.
import * as A from '@automerge/automerge';
import {
  decodeHeadsRequest,
  encodeHeadsRequest,
  headsFingerprint,
  type ResumePosition,
  sampleIndexes,
} from '@syncline/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Notes } from '../support/automerge-client.ts';
import { NativeClient } from '../support/native-client.ts';
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

const noDeletions = new Uint8Array(0);
const nothing = encodeHeadsRequest({ heads: [], samples: [] });

const fromHex = (hash: string): Uint8Array => new Uint8Array(Buffer.from(hash, 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function headsOf(doc: A.Doc<Notes>): Uint8Array[] {
  return A.getHeads(doc).map(fromHex);
}

/** As PROTOCOL.md describes it. */
function requestOf(doc: A.Doc<Notes>): Uint8Array {
  const history = A.topoHistoryTraversal(doc);
  const samples = sampleIndexes(history.length).map((index) => fromHex(history[index]!));
  return encodeHeadsRequest({ heads: headsOf(doc), samples });
}

/** Somebody who edits a document of their own. */
class Author {
  doc: A.Doc<Notes>;

  constructor(doc = A.init<Notes>()) {
    this.doc = A.clone(doc);
  }

  /** Gives the change. */
  write(line: string): Uint8Array {
    this.doc = A.change(this.doc, (notes) => {
      notes.lines ??= [];
      notes.lines.push(line);
    });
    return A.getLastLocalChange(this.doc)!;
  }
}

/** Opens a document as channel 1 and says what it has of it. */
async function join(document: string, request = nothing): Promise<NativeClient> {
  const client = await NativeClient.greet(server.sync);
  client.open(1, document, undefined, 'automerge');
  client.say({ say: 'compare', channel: 1, request, deletions: noDeletions });
  await client.hears('caughtUp');
  return client;
}

/** Has the server hold these changes; gives the position after them. */
async function store(document: string, changes: readonly Uint8Array[]): Promise<ResumePosition> {
  using client = await join(document);
  client.updates(1, 1, ...changes);
  const { position } = await client.hears('stored');
  return client.position(position);
}

/** What a client has that had `start` and takes in what came. */
function documentOf(client: NativeClient, start = A.init<Notes>()): A.Doc<Notes> {
  return client.updatesOf(1).reduce((doc, update) => A.loadIncremental(doc, update), A.clone(start));
}

describe('an Automerge document', () => {
  it('[NAT3] [NAT15] is sent to the others as it came, and not to its author', async () => {
    const anna = new Author();
    using writer = await join('sent');
    using reader = await join('sent');
    const changes = ['one', 'two'].map((line) => anna.write(line));
    writer.updates(1, 1, changes[0]!);
    writer.updates(1, 2, changes[1]!);
    await until('both are stored', () => writer.of('stored').some(({ through }) => through === 2));
    await until('both have come', () => documentOf(reader).lines?.length === 2);
    const bytes = Buffer.concat(reader.updatesOf(1));
    expect(bytes.equals(Buffer.concat(changes))).toBe(true);
    expect(writer.updatesOf(1)).toEqual([]);
    reader.say({ say: 'verify', channel: 1 });
    expect((await reader.hears('caughtUp', 2)).digest).toEqual(headsFingerprint(headsOf(anna.doc)));
  });

  it('[NAT7] [NAT15] is answered with what is lacking, and asked for what is unknown, by heads and samples', async () => {
    const base = new Author();
    const changes = Array.from({ length: 50 }, (_, line) => base.write(String(line)));
    await store('compared', changes);
    const [here, there] = [new Author(base.doc), new Author(base.doc)];
    await store('compared', [here.write('here')]);
    const own = there.write('there');
    using client = await NativeClient.greet(server.sync);
    client.open(1, 'compared', undefined, 'automerge');
    client.say({ say: 'compare', channel: 1, request: requestOf(there.doc), deletions: noDeletions });
    await client.hears('caughtUp');
    const { request } = await client.hears('ask');
    expect(decodeHeadsRequest(request).heads.map(toHex)).toEqual(A.getHeads(here.doc));
    expect(client.heard.map(({ say }) => say)).toEqual(['welcome', 'ask', 'answer', 'updates', 'caughtUp']);
    expect(Buffer.concat(client.updatesOf(1)).equals(A.getLastLocalChange(here.doc)!)).toBe(true);
    client.updates(1, 1, own);
    await client.hears('stored');
    client.say({ say: 'verify', channel: 1 });
    const both = documentOf(client, there.doc);
    expect((await client.hears('caughtUp', 2)).digest).toEqual(headsFingerprint(headsOf(both)));
    expect(A.getHeads(both)).toHaveLength(2);
  });

  it('[NAT7] [NAT15] of which the client has all, or nothing, or the server nothing, is answered so', async () => {
    const anna = new Author();
    await store('all', [anna.write('one'), anna.write('two')]);
    using same = await join('all', requestOf(anna.doc));
    expect(same.heard.map(({ say }) => say)).toEqual(['welcome', 'answer', 'caughtUp']);
    expect(same.of('caughtUp')[0]!.digest).toEqual(headsFingerprint(headsOf(anna.doc)));
    using newcomer = await join('all');
    expect(documentOf(newcomer)).toEqual(anna.doc);
    using first = await join('nothing here', requestOf(anna.doc));
    expect(first.of('ask').map(({ request }) => decodeHeadsRequest(request))).toEqual([
      { heads: [], samples: [] },
    ]);
    expect(first.of('caughtUp')[0]).toMatchObject({ position: 0, digest: new Uint8Array(16) });
  });

  it('[NAT5] is resumed by position with what came after it', async () => {
    const anna = new Author();
    const position = await store('resumed', [anna.write('one')]);
    await store('resumed', [anna.write('two')]);
    using client = await NativeClient.greet(server.sync);
    client.open(1, 'resumed', position, 'automerge');
    const { digest } = await client.hears('caughtUp');
    expect(client.heard.map(({ say }) => say)).toEqual(['welcome', 'updates', 'caughtUp']);
    expect(Buffer.concat(client.updatesOf(1)).equals(A.getLastLocalChange(anna.doc)!)).toBe(true);
    expect(digest).toEqual(headsFingerprint(headsOf(anna.doc)));
  });

  it('[NAT15] [DOC3] with a gap is asked for what is missing at once, and is whole when that has come', async () => {
    const anna = new Author();
    const [one, two, three] = [anna.write('one'), anna.write('two'), anna.write('three')];
    await store('gap', [one]);
    using client = await join('gap');
    client.updates(1, 1, three);
    const { request } = await client.hears('ask');
    expect(decodeHeadsRequest(request).heads.map(toHex)).toEqual([A.decodeChange(one).hash]);
    await client.hears('stored');
    using early = await join('gap');
    expect(documentOf(early).lines).toEqual(['one']);
    client.updates(1, 2, two);
    await client.hears('stored', 2);
    await until('the other has all three', () => documentOf(early).lines.length === 3);
    using late = await join('gap');
    expect(documentOf(late)).toEqual(anna.doc);
  });
});

describe('what is no Automerge', () => {
  const good = new Author().write('good');
  const altered = Uint8Array.from(good);
  altered[altered.length - 2]! ^= 1;
  const conflicting = (() => {
    const [first, second] = [A.init<Notes>('aa'.repeat(16)), A.init<Notes>('aa'.repeat(16))];
    return [first, second].map((doc, line) =>
      A.getLastLocalChange(A.change(doc, (notes) => void (notes.text = String(line))))!,
    );
  })();

  it.each<[what: string, updates: readonly Uint8Array[]]>([
    ['a change that was altered', [altered]],
    ['a change cut short', [good.subarray(0, good.length - 1)]],
    ['a Yjs update', [Uint8Array.of(0, 0)]],
    ['nothing', [new Uint8Array(0)]],
    ['noise', [Uint8Array.from({ length: 99 }, (_, at) => (at * 7) & 255)]],
    ['a bundle', [good.map((byte, at) => (at === 8 ? 3 : byte))]],
    ['a second change under the number of another', conflicting],
  ])('[NAT2] [NAT15] %s is refused at its sender, and harms nobody', async (what, updates) => {
    const anna = new Author();
    using writer = await join(what);
    using bystander = await join(what);
    writer.open(2, what, undefined, 'automerge');
    updates.forEach((update, index) => writer.updates(1, index + 1, update));
    expect(await writer.hears('refused')).toMatchObject({ channel: 1, code: 'malformed_update' });
    writer.updates(2, 1, anna.write('goes on'));
    await writer.hears('stored', 1, 2);
    await until('the other has it', () => documentOf(bystander).lines?.[0] === 'goes on');
    expect([writer.ended, bystander.ended, bystander.of('refused')]).toEqual([undefined, undefined, []]);
  });

  it.each<[what: string, request: Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['a state vector', Uint8Array.of(0)],
    ['cut short', encodeHeadsRequest({ heads: [new Uint8Array(32)], samples: [] }).subarray(0, 20)],
    ['of changes that are wanted', Uint8Array.of(2, 0)],
    ['of a number without an end', new Uint8Array(40).fill(0xff)],
  ])('[NAT2] [NAT15] a request that is %s is refused on its channel', async (what, request) => {
    using client = await NativeClient.greet(server.sync);
    client.open(1, `requested/${what}`, undefined, 'automerge');
    client.say({ say: 'compare', channel: 1, request, deletions: noDeletions });
    expect(await client.hears('refused')).toMatchObject({ channel: 1, code: 'bad_frame' });
    await client.roundTrip();
    expect(client.ended).toBeUndefined();
  });
});
