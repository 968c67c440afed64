// The shipped server as a process of its own: started on a real folder, ended by a real signal.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = join(dirname(fileURLToPath(import.meta.url)), '../../server/src/main.ts');

/** As the scripts `start` and `syncline` of package.json start it. */
const nodeFlags = ['--max-semi-space-size=16'];

/** How a server process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerSettings {
  /** Data folder; it is kept when the process ends. */
  readonly data: string;
  /** 0 lets the system choose; a restart passes the earlier port. */
  readonly port?: number;
  /** Address at which it is reached from here; this machine's own if it is not given. */
  readonly address?: string;
  readonly arguments?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** A shell prefix such as `ulimit -f 64;`, run before the server takes the shell's place. */
  readonly shellPrefix?: string;
}

export class ServerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: string[];
  readonly exited: Promise<Exit>;
  readonly settings: ServerSettings;
  readonly port: number;

  private constructor(
    child: ChildProcess,
    lines: string[],
    exited: Promise<Exit>,
    settings: ServerSettings,
    port: number,
  ) {
    this.#child = child;
    this.#lines = lines;
    this.exited = exited;
    this.settings = settings;
    this.port = port;
  }

  /** Resolves when the server has printed its URL; rejects with what it printed if it ended before. */
  static async start(settings: ServerSettings): Promise<ServerProcess> {
    const { child, lines, exited } = launch(settings);
    const port = await new Promise<number>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const url = /http:\/\/[^\s/]+:(\d+)/.exec(line);
        if (url) resolve(Number(url[1]));
      });
      void exited.then((exit) =>
        reject(new Error(`server ended: ${JSON.stringify(exit)} ${lines.join('\n')}`)),
      );
    });
    return new ServerProcess(child, lines, exited, settings, port);
  }

  /** Runs a server that is expected not to start; gives its exit and everything it printed on standard error. */
  static async refused(settings: ServerSettings): Promise<Exit & { output: string }> {
    const { child, lines, exited } = launch(settings);
    // It prints something only when it serves, which is not what was expected: its exit then tells.
    child.stdout.once('data', () => child.kill('SIGKILL'));
    const exit = await exited;
    return { ...exit, output: lines.join('\n') };
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get http(): string {
    return `http://${this.#authority}`;
  }

  /** The serverUrl of a stock y-websocket client. */
  get yjs(): string {
    return `ws://${this.#authority}/yjs`;
  }

  /** The url of a stock Hocuspocus provider. */
  get hocuspocus(): string {
    return `ws://${this.#authority}/hocuspocus`;
  }

  /** The url of a stock automerge-repo client. */
  get automerge(): string {
    return `ws://${this.#authority}/automerge`;
  }

  /** The url of the client SDK. */
  get sync(): string {
    return `ws://${this.#authority}/sync`;
  }

  /** What the process has printed on standard error so far, one log record a line. */
  get log(): readonly string[] {
    return this.#lines;
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.#child.kill(signal);
    return this.exited;
  }

  /** Starts the server again on the same folder and port, after its process has ended. */
  async restart(): Promise<ServerProcess> {
    await this.exited;
    return ServerProcess.start({ ...this.settings, port: this.port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }

  get #authority(): string {
    return `${this.settings.address ?? '127.0.0.1'}:${this.port}`;
  }
}

function launch(settings: ServerSettings) {
  const command = [
    process.execPath,
    ...nodeFlags,
    main,
    'serve',
    '--port',
    String(settings.port ?? 0),
    '--data',
    settings.data,
    ...(settings.arguments ?? []),
  ];
  const environment = { ...process.env, ...settings.environment };
  const child =
    settings.shellPrefix === undefined
      ? spawn(command[0]!, command.slice(1), { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn('bash', ['-c', `${settings.shellPrefix} exec "$@"`, 'bash', ...command], {
          env: environment,
          stdio: ['ignore', 'pipe', 'pipe'],
        });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stderr });
  reader.on('line', (line) => {
    lines.push(line);
    if (lines.length > 1_000) lines.shift();
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return { child, lines, exited };
}

/** A folder of its own for one test, removed with it. */
export function temporaryFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'syncline-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
