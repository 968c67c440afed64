// The servers that are measured side by side, each started as a process of its own on loopback.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { metric } from '../../support/metric.ts';
import { ServerProcess, temporaryFolder } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import type { Target } from '../load/target.ts';
import { drained } from './drained.ts';
import type { PeerName, Subject } from './subject.ts';

export interface RunningPeer extends AsyncDisposable {
  readonly pid: number;
  readonly target: Target;
  /** Resolves when a large document that was sent in lies as it is served from then on. */
  putAway(): Promise<void>;
}

type Server = Omit<RunningPeer, 'target'> & { readonly url: string };

/** A server that has not printed its address by then has failed. */
const startMs = 30_000;

export async function startPeer({ peer, dialect, isShared = false }: Subject): Promise<RunningPeer> {
  const { url, ...server } = await startServer(peer, dialect === 'y-websocket' ? '/yjs' : '/sync');
  return { ...server, target: { dialect, server: url, isShared } };
}

/** `path` is for Syncline, where it says which protocol is spoken. */
async function startServer(name: PeerName, path: string): Promise<Server> {
  switch (name) {
    case 'syncline':
      return startSyncline(path);
    case 'y-websocket-2':
      return startProgram('y-websocket');
    case 'hocuspocus':
    case 'relay':
      return startProgram(name);
  }
}

/** With its defaults and on a real folder: what it promises to have stored is on the disk. */
async function startSyncline(path: string): Promise<Server> {
  const folder = temporaryFolder();
  const server = await ServerProcess.start({ data: folder.path }).catch((error: unknown) => {
    folder[Symbol.dispose]();
    throw error;
  });
  return {
    pid: server.pid,
    url: `ws://127.0.0.1:${server.port}${path}`,
    putAway: () =>
      until('the document is compacted', async () => {
        return (await metric(server, 'compactions_total{outcome="done"}')) > 0;
      }),
    async [Symbol.asyncDispose]() {
      await drained(server);
      folder[Symbol.dispose]();
    },
  };
}

async function startProgram(program: string): Promise<Server> {
  const path = fileURLToPath(new URL(`../peers/${program}.ts`, import.meta.url));
  const child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  try {
    const port = await announcedPort(child);
    return {
      pid: child.pid!,
      url: `ws://127.0.0.1:${port}`,
      // What is not stored lies ready as soon as it has come.
      putAway: async () => {},
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw new Error(`the peer ${program} did not start`, { cause: error });
  }
}

function announcedPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no address within ${startMs} ms`)), startMs);
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const url = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
      if (!url) return;
      clearTimeout(timer);
      resolve(Number(url[1]));
    });
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
}
