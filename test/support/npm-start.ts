// The server as `npm start` runs it: npm, a shell and the server itself, in a process group of their own.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Exit } from './server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface NpmStart extends Disposable {
  /** As the server printed it. */
  readonly url: string;
  /** Sends npm alone a signal; resolves when it and what it started have let go of their output. */
  end(signal: NodeJS.Signals): Promise<Exit>;
}

/** Resolves when the server accepts connections; rejects if npm ended before. */
export async function npmStart(data: string): Promise<NpmStart> {
  const npm = spawn('npm', ['start', '--', '--port', '0', '--data', data], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = new Promise<Exit>((resolve) => {
    npm.once('close', (code, signal) => resolve({ code, signal }));
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: npm.stdout }).on('line', (line) => {
      const found = /http:\/\/\S+/.exec(line);
      if (found) resolve(found[0]);
    });
    void exited.then((exit) => reject(new Error(`npm start ended: ${JSON.stringify(exit)}`)));
  });
  return {
    url,
    end: async (signal) => {
      npm.kill(signal);
      return exited;
    },
    [Symbol.dispose]: () => {
      try {
        process.kill(-npm.pid!, 'SIGKILL');
      } catch {
        // The whole group has ended by itself.
      }
    },
  };
}
