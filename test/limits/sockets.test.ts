// How many sockets there may be, and how many documents on one.
import { SyncError } from '@syncline/shared';
import { expect, it } from 'vitest';
import { StockClient } from '../support/client.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { metric } from '../support/metric.ts';
import { NativeClient } from '../support/native-client.ts';
import { SdkClient, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { WireClient } from '../support/wire-client.ts';

const document = 'notes/today';

it('[LIM4] as many documents as a socket may have are open, and one more is refused alone', async () => {
  const most = 3;
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({
    data: folder.path,
    arguments: ['--max-documents-per-socket', String(most)],
  });
  await using anna = new SdkClient({ url: server.sync });
  const opened = Array.from({ length: most }, (_, at) => anna.open(`notes/${at}`));
  await Promise.all(opened.map((each) => each.synced()));
  const tooMany = anna.open('notes/one more');
  await expect(tooMany.synced()).rejects.toMatchObject({ code: 'too_many_channels', retry: 'never' });
  write(opened[0]!, 'still there');
  await opened[0]!.saved();
  opened[1]!.close();
  tooMany.retry();
  await tooMany.synced();
  expect(anna.sockets).toBe(1);
});

it.each(['/sync', `/yjs/${document}`])(
  '[LIM5] as many sockets as an address may have are open on %s, and one more is closed',
  async (path) => {
    const most = 3;
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({
      data: folder.path,
      arguments: ['--max-sockets-per-address', String(most)],
    });
    const open = async (from?: string): Promise<WireClient> => WireClient.open(server.port, path, from);
    const clients = [];
    for (let at = 0; at < most; at++) clients.push(await open());
    using tooMany = await (await open()).closed();
    expect(tooMany.closeCode).toBe(1013);
    expect(tooMany.messages).toEqual([]);
    using elsewhere = await open('127.0.0.2');
    clients.pop()![Symbol.dispose]();
    await until('it has left', async () => (await metric(server, 'connections')) === most);
    using instead = await open();
    await until('it was counted', async () => (await metric(server, 'connections')) === most + 1);
    for (const client of [...clients, elsewhere, instead]) {
      expect(client.closeCode).toBeUndefined();
      client[Symbol.dispose]();
    }
  },
);

it('[LIM5] as many sockets as a principal may have are open wherever they come from, and one more is closed', async () => {
  const most = 2;
  await using guarded = await GuardedServer.start('--max-sockets-per-principal', String(most));
  const { server, key } = guarded;
  const token = key.sign({ subject: 'anna', write: ['**'] });
  using stock = await new StockClient({ url: server.yjs, document, token }).synced();
  await using first = new SdkClient({ url: server.sync, token });
  await first.open(document).synced();
  using refused = await WireClient.open(server.port, `/yjs/${document}?token=${token}`, '127.0.0.2');
  expect((await refused.closed()).closeCode).toBe(1013);
  expect(refused.messages).toEqual([]);
  await using second = new SdkClient({ url: server.sync, token });
  const notes = second.open(document);
  await second.reaches('waiting');
  expect(second.client.status.connection).toMatchObject({ reason: 'refused' });
  expect(new SyncError('too_many_sockets').retry).toBe('later');

  await using ben = new SdkClient({ url: server.sync, token: key.sign({ subject: 'ben', write: ['**'] }) });
  await ben.open(document).synced();
  // It goes on trying, until there is a place.
  stock.provider.disconnect();
  await notes.synced();
});

it('[LIM5] a renewal is no further socket', async () => {
  await using guarded = await GuardedServer.start('--max-sockets-per-principal', '1');
  const token = guarded.key.sign({ write: ['**'] });
  using anna = await NativeClient.connect(guarded.server.sync);
  anna.say({ say: 'hello', lowestVersion: 1, highestVersion: 1, token });
  for (let renewal = 1; renewal <= 3; renewal++) {
    anna.say({ say: 'renew', token });
    await anna.hears('renewed', renewal);
  }
  expect(anna.ended).toBeUndefined();
});
