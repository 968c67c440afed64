// Somebody who means no good, as a process of its own: told on the command line what to do, it says on standard output when
// it has begun, and goes on until it is ended.
import { upCodec } from '@syncline/shared';
import { until } from '../support/until.ts';
import { clientFrame, frameHead, WireClient } from '../support/wire-client.ts';

const [kind, port, token, count] = process.argv.slice(2);
/** Not that of the others: what this one does too often is for this one to wait for. */
const address = '127.0.0.2';
/** So many handshakes at a time. */
const atATime = 50;
const dripMs = 1_000;
const announcedBytes = 16 * 1024 * 1024;

if (kind === 'opens') await openDocuments(Number(count));
else await holdSockets(Number(count));

/** One socket, let in, that opens so many documents and asks for each, all in one go. */
async function openDocuments(documents: number): Promise<void> {
  const client = await WireClient.open(Number(port), '/sync', address);
  client.send(upCodec.encode({ say: 'hello', lowestVersion: 1, highestVersion: 1, token: token! }));
  const messages = Array.from({ length: documents }, (_, at) => [
    upCodec.encode({
      say: 'open',
      channel: at + 1,
      document: `flood/${at}`,
      engine: 'yjs',
      incarnation: 0,
      resume: undefined,
    }),
    upCodec.encode({
      say: 'compare',
      channel: at + 1,
      request: Uint8Array.of(0),
      deletions: new Uint8Array(8),
    }),
  ]);
  const frames = Buffer.concat(messages.flat().map((message) => clientFrame(message)));
  await until('it is let in', () => client.messages.length > 0);
  console.log(`${documents} documents asked for`);
  client.write(frames);
  await new Promise(() => setInterval(() => {}, dripMs));
}

/** So many sockets that never say who they are, each replaced when the server closes it: one half silent, the other dripping. */
async function holdSockets(sockets: number): Promise<void> {
  const held: WireClient[] = [];
  const fill = async (from: number): Promise<void> => {
    for (let at = from; at < sockets; at += atATime) {
      const client = held[at];
      if (client && client.closeCode === undefined && !client.hasEnded) continue;
      client?.[Symbol.dispose]();
      held[at] = await WireClient.open(Number(port), '/sync', address);
      if (at % 2 === 0) held[at]!.write(frameHead(announcedBytes));
    }
  };
  const fillAll = async (): Promise<void> => {
    await Promise.all(Array.from({ length: atATime }, (_, lane) => fill(lane)));
  };
  console.log(`${sockets} sockets, for as long as it takes`);
  setInterval(() => held.forEach((client, at) => at % 2 === 0 && client.write(Buffer.alloc(1))), dripMs);
  for (;;) {
    await fillAll();
    await new Promise((resolve) => setTimeout(resolve, dripMs / 10));
  }
}
