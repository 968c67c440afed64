import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Bystanders } from '../support/bystanders.ts';
import { StockClient } from '../support/client.ts';
import { RawClient } from '../support/raw-client.ts';
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

it('[YWS9] 2,000 sockets that never speak are each closed with 1008', async () => {
  const { slowestMs } = await Bystanders.during(server, async () => {
    const clients = await Promise.all(
      Array.from({ length: 2_000 }, (_, at) => RawClient.open(server.yjs, `silent/${at % 50}`)),
    );
    const codes = await Promise.all(clients.map(({ closed }) => closed));
    expect(new Set(codes.map(({ code }) => code))).toEqual(new Set([1008]));
  });
  // 2,000 handshakes in one process take a second of the test's own.
  expect(slowestMs).toBeLessThan(5_000);
});

it('[YWS9] 500 sockets that stop within their request hurt nobody', async () => {
  const sockets: Socket[] = [];
  try {
    await Bystanders.during(server, async () => {
      for (let at = 0; at < 500; at++) sockets.push(connect(server.port, '127.0.0.1'));
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      for (const socket of sockets) socket.write('GET /yjs/notes HTTP/1.1\r\nHost: loc');
      using client = await new StockClient({ url: server.yjs, document: 'beside' }).synced();
      client.text.insert(0, 'hello');
      using reader = await RawClient.join(server.yjs, 'beside');
      await until('it goes on', () => reader.text() === 'hello');
    });
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});
