// The servers that are measured side by side, each started as a process of its own on loopback.
import { metric } from '../../support/metric.ts';
import { ServerProcess, temporaryFolder } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import type { Target } from '../load/target.ts';
import { drained } from './drained.ts';
import { startProgram } from './program.ts';
import type { PeerName, Subject } from './subject.ts';

export interface RunningPeer extends AsyncDisposable {
  readonly pid: number;
  readonly target: Target;
  /** Resolves when a large document that was sent in lies as it is served from then on. */
  putAway(): Promise<void>;
}

type Server = Omit<RunningPeer, 'target'> & { readonly url: string };

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
      return startPeerProgram('y-websocket');
    case 'hocuspocus':
    case 'relay':
      return startPeerProgram(name);
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

async function startPeerProgram(program: string): Promise<Server> {
  const running = await startProgram(program);
  return {
    pid: running.pid,
    url: running.url,
    // What is not stored lies ready as soon as it has come.
    putAway: async () => {},
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
