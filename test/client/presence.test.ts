// Who is here, through the SDK and beside stock clients.
import type { Awareness } from 'y-protocols/awareness';
import { expect, it } from 'vitest';
import { StockClient } from '../support/client.ts';
import { SdkClient } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';
/** Well below the 15 s after which y-protocols renews a state by itself. */
const atOnceMs = 8_000;

it('[SDK7] an app and a stock client see each other come, move and go', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  using ben = new StockClient({ url: server.yjs, document });
  const notes = anna.open(document);
  const { awareness } = ben.provider;
  notes.presence.setLocalStateField('name', 'anna');
  awareness.setLocalStateField('name', 'ben');
  await until(
    'each sees the other',
    () => sees(notes.presence, awareness) && sees(awareness, notes.presence),
  );
  for (const at of [3, 14, 15]) {
    notes.presence.setLocalStateField('cursor', { at });
    await until('the cursor has moved', () => sees(awareness, notes.presence));
  }
  notes.close();
  await until('anna is gone', () => !awareness.getStates().has(notes.presence.clientID));

  const again = anna.open(document);
  await until('ben is still there', () => sees(again.presence, awareness));
  ben.provider.destroy();
  await until('ben is gone', () => !again.presence.getStates().has(awareness.clientID));
});

it('[SDK7] everybody is seen again at once when the server comes back, as they are by then', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  await using ben = new SdkClient({ url: server.sync });
  const [hers, his] = [anna.open(document).presence, ben.open(document).presence];
  hers.setLocalStateField('name', 'anna');
  his.setLocalStateField('name', 'ben');
  await until('each sees the other', () => sees(hers, his) && sees(his, hers));
  await server.end('SIGKILL');
  await Promise.all([anna.reaches('waiting'), ben.reaches('waiting')]);
  // A blip is no reason to take everybody down.
  expect(sees(hers, his)).toBe(true);
  hers.setLocalStateField('name', 'anna, back again');
  await using again = await server.restart();
  await until('ben sees how anna is', () => sees(his, hers), atOnceMs);
  using cleo = new StockClient({ url: again.yjs, document });
  const { awareness } = cleo.provider;
  await until('a newcomer sees both', () => sees(awareness, hers) && sees(awareness, his), atOnceMs);
});

it('[SDK7] a stock client, too, which keeps the clocks of those whom it has lost, sees at once who is back', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  using ben = new StockClient({ url: server.yjs, document });
  const { awareness } = ben.provider;
  const { presence } = anna.open(document);
  presence.setLocalStateField('name', 'anna');
  await until('ben sees anna', () => sees(awareness, presence));
  await server.end('SIGKILL');
  await until('ben has lost her', () => !awareness.getStates().has(presence.clientID));
  await using again = await server.restart();
  await until('ben sees anna again', () => sees(awareness, presence), atOnceMs);
  expect(again.port).toBe(server.port);
});

it('[SDK7] who was taken down with a connection is seen at once on the next', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using link = await SlowProxy.open({ port: server.port });
  await using anna = new SdkClient({ url: link.sync });
  using ben = new StockClient({ url: server.yjs, document });
  const { awareness } = ben.provider;
  const { presence } = anna.open(document);
  presence.setLocalStateField('name', 'anna');
  await until('ben sees anna', () => sees(awareness, presence));
  link.down();
  await until('ben sees her go', () => !awareness.getStates().has(presence.clientID));
  link.up();
  await until('ben sees anna again', () => sees(awareness, presence), atOnceMs);
  expect(presence.getLocalState()).toEqual({ name: 'anna' });
});

it('[SDK7] who has taken their presence away stays away on the next connection', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using link = await SlowProxy.open({ port: server.port });
  await using anna = new SdkClient({ url: link.sync });
  using ben = new StockClient({ url: server.yjs, document });
  const { awareness } = ben.provider;
  const notes = anna.open(document);
  notes.presence.setLocalStateField('name', 'anna');
  await until('ben sees anna', () => sees(awareness, notes.presence));
  notes.presence.setLocalState(null);
  await until('ben sees her go', () => !awareness.getStates().has(notes.presence.clientID));
  link.cut();
  await until('anna is connected again', () => link.connections === 2);
  await notes.synced();
  notes.doc.getArray('marks').push([1]);
  await until('ben has what came after', () => ben.doc.getArray('marks').length === 1);
  expect(awareness.getStates().has(notes.presence.clientID)).toBe(false);
});

function sees(one: Awareness, other: Awareness): boolean {
  const state = one.getStates().get(other.clientID);
  return state !== undefined && JSON.stringify(state) === JSON.stringify(other.getLocalState());
}
