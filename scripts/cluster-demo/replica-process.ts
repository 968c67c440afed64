// A replica as `npm start` would run it: the server in a process of its own, on a folder of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const main = join(dirname(dirname(import.meta.dirname)), 'server/src/main.ts');

export interface ReplicaSettings {
  readonly name: string;
  readonly folder: string;
  /** Ports of this machine at which other replicas are dialed. */
  readonly peerPorts: readonly number[];
}

export class ReplicaProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  private constructor(port: number, child: ChildProcess, exited: Promise<unknown>) {
    this.port = port;
    this.#child = child;
    this.#exited = exited;
  }

  /** Resolves when it accepts connections. Rejects if it ends before, when it has said why on standard error. */
  static async start({ name, folder, peerPorts }: ReplicaSettings): Promise<ReplicaProcess> {
    const peers = peerPorts.flatMap((port) => ['--peer', `ws://127.0.0.1:${port}/replicate`]);
    const options = ['--name', name, '--cluster', 'demo', '--data', folder, '--port', '0', '--log', 'error'];
    const child = spawn(
      process.execPath,
      ['--max-semi-space-size=16', main, 'serve', ...options, ...peers],
      // Of what surrounds it, settings for a server of one's own are not meant for these.
      { stdio: ['ignore', 'pipe', 'inherit'], env: withoutSettings(process.env) },
    );
    const exited = once(child, 'exit');
    const port = await Promise.race([portOf(child), exited.then(() => undefined)]);
    if (port === undefined) throw new Error(`${name} could not be started.`);
    return new ReplicaProcess(port, child, exited);
  }

  get http(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get sync(): string {
    return `ws://127.0.0.1:${this.port}/sync`;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#exited;
  }
}

async function portOf(child: ChildProcess): Promise<number | undefined> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const port = /http:\/\/[^\s/]+:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  return undefined;
}

function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('SYNCLINE_')));
}
