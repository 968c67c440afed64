// The cluster demo as `npm run demo:cluster` runs it: one process, which starts the replicas.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Snapshot } from '../../client/cluster-demo/snapshot.ts';
import type { Exit } from '../support/server.ts';

const script = fileURLToPath(new URL('../../scripts/cluster-demo.ts', import.meta.url));

export class ClusterDemo implements AsyncDisposable {
  /** As it was printed. */
  readonly url: string;
  /** What it has printed so far, line by line. */
  readonly printed: readonly string[];
  readonly #child: ChildProcess;
  readonly #exited: Promise<Exit>;

  private constructor(
    { url, printed }: { url: string; printed: readonly string[] },
    child: ChildProcess,
    exited: Promise<Exit>,
  ) {
    this.url = url;
    this.printed = printed;
    this.#child = child;
    this.#exited = exited;
  }

  /** Resolves when the page is served; rejects with what was printed if it ended before. */
  static async start(data: string, port = 0): Promise<ClusterDemo> {
    const child = spawn(process.execPath, [script, '--port', String(port), '--data', data], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    const printed: string[] = [];
    const exited = new Promise<Exit>((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
    const url = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        printed.push(line);
        const found = /http:\/\/\S+/.exec(line);
        if (found) resolve(found[0]);
      });
      void exited.then(() => reject(new Error(lines.join('\n'))));
    });
    return new ClusterDemo({ url, printed }, child, exited);
  }

  /** What the page is told. */
  async snapshot(): Promise<Snapshot> {
    const { body } = await fetch(`${this.url}/events`);
    let text = '';
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.endsWith('\n\n')) break;
    }
    return JSON.parse(text.replace(/^data: /, '')) as Snapshot;
  }

  /** Turns switches, as the page does. */
  async post(switches: { links: readonly string[]; isCut: boolean }): Promise<number> {
    return this.send({ body: JSON.stringify(switches), type: 'application/json' });
  }

  /** Asks for switches to be turned, in any way; gives the answer's status. */
  async send({ body, type, host }: { body: string; type: string; host?: string }): Promise<number> {
    const headers = { 'content-type': type, ...(host === undefined ? {} : { host }) };
    const asked = request(`${this.url}/links`, { method: 'POST', headers }).end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode!;
  }

  /** As Ctrl-C does. Resolves when it and the replicas have let go of their output. */
  async end(): Promise<Exit> {
    this.#child.kill('SIGINT');
    return this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
