// A peer's program in `peers/`, as a process of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Program extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
}

/** A server that has not printed its address by then has failed. */
const startMs = 30_000;

export async function startProgram(program: string, ...settings: readonly string[]): Promise<Program> {
  const path = fileURLToPath(new URL(`../peers/${program}.ts`, import.meta.url));
  const child = spawn(process.execPath, [path, ...settings], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  try {
    const port = await announcedPort(child);
    return { pid: child.pid!, url: `ws://127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
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
