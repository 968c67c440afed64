// `syncline token`, and a server's options about who may come in, as an operator meets them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { maxTokenBytes, minKeyBytes } from '@syncline/server/auth/token.ts';
import { refusal } from '../support/refusal.ts';
import { SdkClient, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { TokenKey } from '../support/tokens.ts';

const main = join(import.meta.dirname, '../../server/src/main.ts');

const folder = temporaryFolder();
const key = new TokenKey(folder.path);
let files = 0;

afterAll(() => folder[Symbol.dispose]());

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const child = spawn(process.execPath, [main, 'token', ...words], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { status, stdout, stderr };
}

/** A server on a folder of its own below that of the key. */
async function start(...words: readonly string[]): Promise<ServerProcess> {
  return ServerProcess.start({ data: join(folder.path, `data-${files++}`), arguments: words });
}

/** Runs it, and holds that it gave nothing but a token. */
async function made(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run([...words, ...key.arguments]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  return stdout.trim();
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
}

/** Makes a file of this content and gives its name. */
function file(content: string | Uint8Array): string {
  const path = join(folder.path, `other-key-${files++}`);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

describe.concurrent('syncline token', () => {
  it('[ACC6] makes a token with what it is told', async () => {
    const token = await made(
      '--subject',
      'anna',
      '--read',
      'public/**, news',
      '--write',
      'notes/*',
      '--expires',
      '15m',
    );
    const { iat, exp, ...claims } = claimsOf(token) as { iat: number; exp: number };
    expect(exp - iat).toBe(15 * 60);
    expect(claims).toEqual({
      iss: 'syncline',
      sub: 'anna',
      grants: [
        { documents: 'public/**', may: 'read' },
        { documents: 'news', may: 'read' },
        { documents: 'notes/*', may: 'write' },
      ],
    });
  });

  it('[ACC6] makes one for a developer that is good for an hour, unless it is told otherwise', async () => {
    const { sub, iat, exp } = claimsOf(await made('--write', '**')) as {
      sub: string;
      iat: number;
      exp: number;
    };
    expect([sub, exp - iat]).toEqual(['developer', 60 * 60]);
    expect(claimsOf(await made('--write', '**', '--expires', 'never'))).not.toHaveProperty('exp');
  });

  it('[ACC6] reads the environment as every command does', async () => {
    const { status, stdout } = await run(['--write', '**'], {
      SYNCLINE_TOKEN_KEY_FILE: key.file,
      SYNCLINE_SUBJECT: 'ben',
    });
    expect([status, claimsOf(stdout)['sub']]).toEqual([0, 'ben']);
  });

  it('[ACC6] makes tokens that the server lets in, and no longer when they have expired', async () => {
    await using server = await start(...key.arguments);
    await using anna = new SdkClient({ url: server.sync, token: await made('--write', 'notes/*') });
    const notes = anna.open('notes/today');
    write(notes, 'hello');
    await notes.saved();
    await expect(anna.open('elsewhere').synced()).rejects.toMatchObject({ code: 'forbidden' });
    const lasting = await made('--write', '**', '--expires', 'never');
    await using ben = new SdkClient({ url: server.sync, token: lasting });
    await ben.open('notes/today').synced();
  });

  it.each([
    [
      'neither --read nor --write',
      [],
      /^token needs --read or --write, as in --write "notes\/\*", or --admin\.$/,
    ],
    ['no names', ['--read', ' , '], /^token needs --read or --write/],
    [
      'a time that is none',
      ['--write', '**', '--expires', '1 hour'],
      /^--expires is a time such as 90s.*, not 1 hour\.$/,
    ],
    ['a time without a unit', ['--write', '**', '--expires', '90'], /^--expires is a time/],
    ['no time at all', ['--write', '**', '--expires', '0s'], /^--expires is a time/],
    ['a misspelling', ['--wirte', '**'], /^There is no option --wirte\. Did you mean --write\?$/],
    ['a name', ['notes', '--write', '**'], /^token takes options alone, not notes\.$/],
    [
      'more than a token holds',
      ['--write', Array.from({ length: maxTokenBytes / 8 }, (_, at) => `notes/${at}`).join(',')],
      /^The token would have \d+ bytes, and a server reads no more than 4096; fewer, wider patterns make it shorter\.$/,
    ],
  ])('[ACC6] is told %s, and answers in a sentence', async (_, words, sentence) => {
    const { status, stdout, stderr } = await run([...words, ...key.arguments]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr.trimEnd()).toMatch(sentence);
  });

  it('[ACC6] needs a key', async () => {
    const { status, stderr } = await run(['--write', '**']);
    expect([status, stderr]).toEqual([1, 'token needs --token-key-file.\n']);
  });
});

describe.concurrent('a key file', () => {
  const cases: [string, () => string, RegExp][] = [
    ['that is not there', () => join(folder.path, 'none'), /^The key file .*none cannot be read: ENOENT\.$/],
    ['that is a folder', () => folder.path, /^The key file .* cannot be read: EISDIR\.$/],
    [
      'with a short key',
      () => file(`${'k'.repeat(minKeyBytes - 1)}\n\n`),
      /^The key in .*other-key-\d+ has 31 bytes and needs 32; make one with: openssl rand -hex 32\.$/,
    ],
    [
      'that is not a text',
      () => file(Uint8Array.from({ length: 64 }, (_, at) => 0x80 + at)),
      /^The key in .*other-key-\d+ is not a text; make one with: openssl rand -hex 32\.$/,
    ],
  ];

  it.each(cases)(
    '[ACC6] [RUN5] %s is refused by both commands in one sentence',
    async (_, path, sentence) => {
      const named = ['--token-key-file', path()];
      expect(await refusal({ data: join(folder.path, 'refused'), arguments: named })).toMatch(sentence);
      const { status, stdout, stderr } = await run([...named, '--write', '**']);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr.trimEnd()).toMatch(sentence);
    },
  );

  it('[ACC1] of exactly the least length is taken, and what is around it is not part of it', async () => {
    const path = file(`\n ${'k'.repeat(minKeyBytes)} \r\n`);
    await using server = await start('--token-key-file', path);
    const { stdout } = await run(['--token-key-file', file('k'.repeat(minKeyBytes)), '--write', '**']);
    await using anna = new SdkClient({ url: server.sync, token: stdout.trim() });
    await anna.open('notes').synced();
    expect(anna.client.status.connection.state).toBe('connected');
  });

  it('[ACC1] that others may read is warned of', async () => {
    const path = file('k'.repeat(minKeyBytes));
    chmodSync(path, 0o644);
    await using server = await start('--token-key-file', path);
    expect(server.log.join('\n')).toContain('key-readable');
    chmodSync(path, 0o600);
    await server.end();
    await using again = await server.restart();
    expect(again.log.join('\n')).not.toContain('key-readable');
  });
});

describe.concurrent('a server with a key', () => {
  it('[RUN2] listens beyond loopback without being told that it is meant', async () => {
    const words = ['--host', '0.0.0.0', ...key.arguments];
    await using server = await start(...words);
    const address = beyondLoopback();
    const url = `ws://${address}:${server.port}/sync`;
    await using stranger = new SdkClient({ url });
    stranger.open('notes');
    await stranger.reaches('needs-token');
    await using anna = new SdkClient({ url, token: key.sign({ write: ['**'] }) });
    await anna.open('notes').synced();
    expect(stranger.client.status.connection).toMatchObject({ error: { code: 'unauthenticated' } });
  });

  it.each([
    ['no --origin', [], 'https://any.example', 'frame'],
    ['no --origin', [], 'null', 'frame'],
    ['--origin', ['--origin', 'https://app.example'], 'https://app.example', 'frame'],
    ['--origin', ['--origin', 'https://app.example'], 'https://any.example', 4403],
    ['--origin', ['--origin', 'https://app.example'], 'http://localhost:7070', 4403],
    ['--origin', ['--origin', 'https://app.example'], undefined, 'frame'],
  ] as const)('[RUN7] and with %s %s: a page of %s gets %s', async (_, words, origin, answer) => {
    await using server = await start(...key.arguments, ...words);
    const token = key.sign({ write: ['**'] });
    expect(await firstOf(`${server.yjs}/notes?token=${token}`, origin)).toBe(answer);
  });
});

function beyondLoopback(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = addresses.find(({ internal, family }) => !internal && family === 'IPv4');
  // A machine without a network has another loopback address at least, which 0.0.0.0 includes.
  return own?.address ?? '127.0.0.2';
}

/** The code with which a socket of a page of this origin is closed, or that it was sent a frame. */
function firstOf(url: string, origin: string | undefined): Promise<number | 'frame'> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, origin === undefined ? {} : { origin });
    socket.on('message', () => {
      resolve('frame');
      socket.terminate();
    });
    socket.on('close', resolve).on('error', reject);
  });
}
