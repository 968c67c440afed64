// The servers that are measured side by side, each started as a process of its own on loopback.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ServerProcess, temporaryFolder } from '../../support/server.ts';
import type { DialectName } from '../dialect/dialects.ts';
import type { Target } from '../load/target.ts';

export const peerNames = ['syncline', 'y-websocket-2', 'hocuspocus', 'relay'] as const;
export type PeerName = (typeof peerNames)[number];

export interface RunningPeer extends AsyncDisposable {
  readonly pid: number;
  readonly target: Target;
}

/** A server that has not printed its address by then has failed. */
const startMs = 30_000;
/** What Syncline is given to drain before it is killed. */
const drainMs = 10_000;

export function startPeer(name: PeerName): Promise<RunningPeer> {
  switch (name) {
    case 'syncline':
      return startSyncline();
    case 'y-websocket-2':
      return startProgram('y-websocket', 'y-websocket');
    case 'hocuspocus':
      return startProgram('hocuspocus', 'hocuspocus');
    case 'relay':
      return startProgram('relay', 'relay');
  }
}

/** With its defaults and on a real folder: what it promises to have stored is on the disk. */
async function startSyncline(): Promise<RunningPeer> {
  const folder = temporaryFolder();
  const server = await ServerProcess.start({ data: folder.path }).catch((error: unknown) => {
    folder[Symbol.dispose]();
    throw error;
  });
  return {
    pid: server.pid,
    target: { dialect: 'y-websocket', server: server.yjs },
    async [Symbol.asyncDispose]() {
      // A drained process also writes the profile that NODE_OPTIONS may have asked for.
      const killer = setTimeout(() => void server.end('SIGKILL'), drainMs);
      await server.end();
      clearTimeout(killer);
      folder[Symbol.dispose]();
    },
  };
}

async function startProgram(program: string, dialect: DialectName): Promise<RunningPeer> {
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
      target: { dialect, server: `ws://127.0.0.1:${port}` },
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
