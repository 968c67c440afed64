import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

/** Enough to meet the moment between the server's answer and its end. */
const attempts = 100;

it.each([
  ['https://evil.example', 4403],
  ['http://127.0.0.1.evil.example:7070', 4403],
  ['null', 4403],
  ['http://localhost:5173', undefined],
  ['http://[::1]:7070', undefined],
  ['http://app.localhost:5173', undefined],
  ['https://app.example', undefined],
])('[RUN7] a page of %s is closed with %s', async (origin, code) => {
  using folder = temporaryFolder();
  const named = ['--origin', 'https://other.example, https://app.example/'];
  await using server = await ServerProcess.start({ data: folder.path, arguments: named });
  expect(await firstOf(`${server.yjs}/notes`, origin)).toBe(code ?? 'frame');
});

it('[RUN7] any page may connect where everybody is meant to', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path, arguments: ['--insecure'] });
  expect(await firstOf(`${server.yjs}/notes`, 'https://app.example')).toBe('frame');
});

it('[RUN8] an upgrade to nowhere that is cut off does not end the process', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  for (let attempt = 0; attempt < attempts; attempt++) {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(upgrade('/nowhere', server.port), () => socket.resetAndDestroy());
      });
      socket.on('error', () => {}).on('close', () => resolve());
    });
  }
  expect((await fetch(`${server.http}/livez`)).status).toBe(200);
});

it('[RUN8] an upgrade to nowhere is closed from here too', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  let answer = '';
  let isReset = false;
  socket.on('data', (data) => (answer += data.toString())).on('error', () => (isReset = true));
  socket.write(upgrade('/nowhere', server.port));
  await until('it is answered', () => answer.startsWith('HTTP/1.1 404'));
  // Our half stays open: only a server that has let go of the socket answers what is written with a reset.
  await until('the server has let go', () => {
    if (!isReset) socket.write('x');
    return isReset;
  });
});

function upgrade(path: string, port: number): string {
  const head = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
  ];
  return [...head, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join(
    '\r\n',
  );
}

/** The code with which a socket of a page of this origin is closed, or that it was sent a frame. */
function firstOf(url: string, origin: string): Promise<number | 'frame'> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { origin });
    socket.on('message', () => {
      resolve('frame');
      socket.terminate();
    });
    socket.on('close', resolve).on('error', reject);
  });
}
