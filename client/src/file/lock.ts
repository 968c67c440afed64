// Keeps a second process from a file. Whoever has it listens on a socket of its own, in a folder beside the file: the system closes it
// with the process, however that ends, and no number of a process has to be believed.
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { LocalStoreError } from '../local/store.ts';
import { codeOf } from './errors.ts';

/** What the smallest system takes for a socket's address, without the byte at its end. */
const maxAddressBytes = 103;

export class Lock {
  readonly #server: Server;
  readonly #folder: LockFolder | undefined;

  private constructor(server: Server, folder?: LockFolder) {
    this.#server = server;
    this.#folder = folder;
  }

  /** Rejects with `held` if anybody has it. Two that ask at the same moment may both be told so. */
  static async acquire(path: string): Promise<Lock> {
    if (process.platform === 'win32') return new Lock(await listenAlone(pipeOf(path), path));
    const folder = await LockFolder.open(`${path}.lock`);
    const own = randomBytes(8).toString('hex');
    // It is heard before it looks for others: of two, one at least sees the other.
    const server = await listen(folder.address(own)).catch((error: unknown) => {
      folder.close();
      throw error;
    });
    const lock = new Lock(server, folder);
    let isAlone = false;
    try {
      isAlone = await folder.isAlone(own);
    } finally {
      if (!isAlone) await lock.release();
    }
    if (isAlone) return lock;
    throw held(path);
  }

  /** The socket's file goes with it. */
  async release(): Promise<void> {
    await new Promise((closed) => this.#server.close(closed));
    this.#folder?.close();
  }
}

class LockFolder {
  readonly #path: string;
  /** Linux reaches a folder with a long path by its number too. */
  #descriptor: number | undefined;

  private constructor(path: string) {
    this.#path = path;
    const isLong = Buffer.byteLength(this.address('0123456789abcdef')) > maxAddressBytes;
    if (isLong && process.platform === 'linux') this.#descriptor = openSync(path, 'r');
    else if (isLong) throw new LocalStoreError('failed', `The path ${path} is too long for a socket.`);
  }

  static async open(path: string): Promise<LockFolder> {
    // Made with all that is above it, a folder where none can be made is tried for ever.
    await mkdir(path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    return new LockFolder(path);
  }

  address(name: string): string {
    return this.#descriptor === undefined
      ? join(this.#path, name)
      : `/proc/self/fd/${this.#descriptor}/${name}`;
  }

  /**
   * Whether nobody else is heard here. Only whoever is alone takes away what others left that were killed; one of them may be about to
   * listen, and then no longer finds its own.
   */
  async isAlone(own: string): Promise<boolean> {
    const names = (await readdir(this.#path)).filter((name) => /^[0-9a-f]{16}$/.test(name));
    const others = names.filter((name) => name !== own);
    const heard = await Promise.all(others.map((name) => isHeard(this.address(name))));
    if (others.length === names.length || heard.includes(true)) return false;
    await Promise.all(others.map((name) => rm(join(this.#path, name), { force: true })));
    return true;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** Only one process has a pipe of this name, and it goes with the process. */
async function listenAlone(address: string, path: string): Promise<Server> {
  try {
    return await listen(address);
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE' || codeOf(error) === 'EACCES') throw held(path);
    throw error;
  }
}

function pipeOf(path: string): string {
  const hash = createHash('sha256').update(resolve(path).toLowerCase()).digest('hex');
  return `\\\\.\\pipe\\syncline-${hash}`;
}

function listen(address: string): Promise<Server> {
  return new Promise((listening, failed) => {
    const server = createServer((socket) => socket.destroy());
    // One that comes later is nothing to anybody: it listens on.
    server.on('error', failed);
    // In a worker of a cluster its primary would listen, and outlive it.
    server.listen({ path: address, exclusive: true }, () => {
      server.unref();
      listening(server);
    });
  });
}

/** A socket that nobody listens on any more refuses; whatever else is said, there may be somebody. */
function isHeard(address: string): Promise<boolean> {
  return new Promise((heard) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      heard(true);
    });
    socket.once('error', (error) => heard(!['ECONNREFUSED', 'ENOENT'].includes(String(codeOf(error)))));
  });
}

function held(path: string): LocalStoreError {
  return new LocalStoreError(
    'held',
    `${path} is in use by another process, or by another store in this one.`,
  );
}
