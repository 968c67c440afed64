// Messages to all who have a document open: of Yjs and of Automerge, on one server and on several.
import type { EphemeralListener } from '@syncline/client';
import { maxEphemeralBytes } from '@syncline/shared';
import { Decoder, Encoder } from 'cbor-x';
import { decodeCbor } from '@syncline/shared/cbor/value.ts';
import { encodeCbor } from '@syncline/shared/cbor/writer.ts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { BothClient } from '../support/automerge-client.ts';
import { chain, Cluster } from '../support/cluster.ts';
import { NativeClient } from '../support/native-client.ts';
import { SdkClient } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';
import { storedUpdates } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';

const engines = ['yjs', 'automerge'] as const;

let folder: ReturnType<typeof temporaryFolder>;
let server: ServerProcess;
/** One for each test. */
let document: string;
let documents = 0;

beforeAll(async () => {
  folder = temporaryFolder();
  server = await ServerProcess.start({ data: folder.path });
});

beforeEach(() => {
  document = `notes/${++documents}`;
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function open(client: BothClient, name: string, engine: (typeof engines)[number]) {
  return engine === 'yjs' ? client.open(name) : client.notes(name);
}

/** Keeps what it hears. */
class Heard {
  readonly values: unknown[] = [];
  readonly senders = new Set<string>();
  readonly listener: EphemeralListener = (value, { sender, session }) => {
    this.values.push(value);
    this.senders.add(`${sender}/${session}`);
  };
}

it.each(engines)(
  '[SDK17] [NAT13] values said in a document of %s are heard by the others, once and in order',
  async (engine) => {
    await using anna = new BothClient({ url: server.sync });
    await using ben = new BothClient({ url: server.sync });
    const [hers, again, his, elsewhere] = [
      open(anna, document, engine),
      open(anna, document, engine),
      open(ben, document, engine),
      open(ben, `${document}, another`, engine),
    ];
    await Promise.all([hers, his, elsewhere].map((each) => each.synced()));
    const [own, heard, other] = [new Heard(), new Heard(), new Heard()];
    again.ephemeral.listen(own.listener);
    his.ephemeral.listen(heard.listener);
    elsewhere.ephemeral.listen(other.listener);
    const said = [{ cursor: [1, 2.5], name: 'Änna' }, 'text', null, Uint8Array.of(1, 2)];
    for (const value of said) hers.ephemeral.send(value);
    await until('ben has heard all', () => heard.values.length === said.length);
    expect(heard.values).toEqual(said);
    his.ephemeral.send('an answer');
    await until('anna has heard it', () => own.values.length > 0);
    // Not what she said herself, and nothing in another document.
    expect([own.values, other.values, heard.senders.size]).toEqual([['an answer'], [], 1]);
    expect(hers.status.uploads).toMatchObject({ isSaved: true, edits: 0 });
    expect(storedUpdates(folder.path, document)).toEqual([]);
  },
);

it('[SDK17] [EPH2] what cannot be said throws where it is said, and the document stays', async () => {
  await using anna = new SdkClient({ url: server.sync });
  await using ben = new SdkClient({ url: server.sync });
  const [hers, his] = [anna.open(document), ben.open(document)];
  await Promise.all([hers.synced(), his.synced()]);
  const heard = new Heard();
  his.ephemeral.listen(heard.listener);
  expect(() => hers.ephemeral.send(() => {})).toThrow(TypeError);
  const tooLarge = 'x'.repeat(maxEphemeralBytes);
  expect(() => hers.ephemeral.send(tooLarge)).toThrow(
    expect.objectContaining({ code: 'ephemeral_too_large' }),
  );
  const largest = tooLarge.slice(0, maxEphemeralBytes - 5);
  hers.ephemeral.send(largest);
  await until('ben has heard the largest', () => heard.values.length === 1);
  expect([heard.values, hers.status.downloads.state]).toEqual([[largest], 'current']);
});

it('[SDK17] [SDK6] listeners end with their document, and what one of them throws is reported and stops nothing', async () => {
  await using anna = new SdkClient({ url: server.sync });
  await using ben = new SdkClient({ url: server.sync });
  const [hers, his, again] = [anna.open(document), ben.open(document), ben.open(document)];
  await Promise.all([hers.synced(), his.synced()]);
  const complaint = new Error('the application has a mistake');
  his.ephemeral.listen(() => {
    throw complaint;
  });
  const [first, second, third] = [new Heard(), new Heard(), new Heard()];
  his.ephemeral.listen(first.listener);
  const end = again.ephemeral.listen(second.listener);
  again.ephemeral.listen(third.listener);
  hers.ephemeral.send(1);
  await until('ben has heard it', () => third.values.length === 1);
  his.close();
  end();
  hers.ephemeral.send(2);
  await until('ben has heard the second', () => third.values.length === 2);
  expect([first.values, second.values, third.values]).toEqual([[1], [1], [1, 2]]);
  expect(ben.reported).toEqual([complaint]);
});

it('[SDK17] what is said without a connection is said to nobody, and what is said on the next one is heard', async () => {
  await using link = await SlowProxy.open({ port: server.port });
  await using anna = new SdkClient({ url: link.sync });
  await using ben = new SdkClient({ url: server.sync });
  const [hers, his] = [anna.open(document), ben.open(document)];
  const heard = new Heard();
  his.ephemeral.listen(heard.listener);
  hers.ephemeral.send('too early');
  await Promise.all([hers.synced(), his.synced()]);
  hers.ephemeral.send('before');
  await until('ben has heard it', () => heard.values.length === 1);
  link.down();
  await anna.reaches('waiting');
  hers.ephemeral.send('while there is none');
  link.up();
  await hers.synced();
  hers.ephemeral.send('after');
  await until('ben has heard what came after', () => heard.values.length === 2);
  expect([heard.values, heard.senders.size]).toEqual([['before', 'after'], 1]);
});

it('[SDK17] bytes that are no value are not heard, and no harm', async () => {
  await using ben = new SdkClient({ url: server.sync });
  const his = ben.open(document);
  await his.synced();
  const heard = new Heard();
  his.ephemeral.listen(heard.listener);
  using raw = await NativeClient.join(server.sync, document);
  const say = (count: number, data: Uint8Array): void =>
    raw.say({ say: 'ephemeral', channel: 1, sender: 's', session: 't', count, data });
  say(1, Uint8Array.of(0xff));
  say(2, encodeCbor('good'));
  await until('ben has heard the good one', () => heard.values.length === 1);
  expect([heard.values, ben.reported]).toEqual([['good'], []]);
});

it.each(engines)(
  '[NAT13] what is said in a document of %s is heard on another replica, and on one behind that',
  async (engine) => {
    const names = ['oslo', 'lisbon', 'nairobi'];
    await using cluster = await Cluster.start({ names, links: chain(names) });
    await cluster.live();
    const [oslo, lisbon, nairobi] = names.map((name) => cluster.replica(name).server) as [
      ServerProcess,
      ServerProcess,
      ServerProcess,
    ];
    await using anna = new BothClient({ url: oslo.sync });
    await using ben = new BothClient({ url: lisbon.sync });
    await using cleo = new BothClient({ url: nairobi.sync });
    const opened = [anna, ben, cleo].map((client) => open(client, document, engine));
    await Promise.all(opened.map((each) => each.synced()));
    const heard = opened.map((each) => {
      const own = new Heard();
      each.ephemeral.listen(own.listener);
      return own.values;
    });
    opened[0]!.ephemeral.send({ from: 'oslo' });
    await until('the others have heard it', () => heard[1]!.length > 0 && heard[2]!.length > 0);
    opened[2]!.ephemeral.send({ from: 'nairobi' });
    await until('all have heard the other', () => heard[0]!.length > 0 && heard[1]!.length > 1);
    expect(heard).toEqual([
      [{ from: 'nairobi' }],
      [{ from: 'oslo' }, { from: 'nairobi' }],
      [{ from: 'oslo' }],
    ]);
  },
);

it('[SDK17] a value is read by the CBOR of automerge-repo, and one of its values here', () => {
  const settings = { tagUint8Array: false, useRecords: false };
  const [theirs, reader] = [new Encoder(settings), new Decoder(settings)];
  const values: unknown[] = [
    0,
    -1,
    2 ** 40,
    1.5,
    'ü👋',
    true,
    null,
    [1, [2]],
    { a: { b: [] } },
    Uint8Array.of(7),
    'x'.repeat(70_000),
  ];
  for (const value of values) {
    const written = theirs.encode(value);
    expect(decodeCbor(written)).toEqual(value);
    const read: unknown = reader.decode(encodeCbor(value));
    expect(read instanceof Uint8Array ? Uint8Array.from(read) : read).toEqual(value);
  }
});
