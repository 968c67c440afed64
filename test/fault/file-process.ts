// Another process that writes to a file, and what it tells.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const writer = fileURLToPath(new URL('./file-writer.ts', import.meta.url));

interface Told {
  readonly written?: number;
  readonly refused?: string;
  readonly code?: string;
  readonly small?: string;
}

/** Gives the last number of which it has told. */
export async function killAfter(path: string, writes: number): Promise<number> {
  const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let last = 0;
  let count = 0;
  for await (const line of createInterface(child.stdout)) {
    const { written: number, refused } = JSON.parse(line) as Told;
    if (refused !== undefined) throw new Error(refused);
    last = Math.max(last, number!);
    if (++count === writes) child.kill('SIGKILL');
  }
  await exited;
  return last;
}

export async function toldBy(
  path: string,
  { prefix = '', words = [] }: { readonly prefix?: string; readonly words?: readonly string[] } = {},
): Promise<Told> {
  const command = [process.execPath, writer, path, ...words];
  const child = spawn('bash', ['-c', `${prefix} exec "$@"`, 'bash', ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Told[] = [];
  for await (const line of createInterface(child.stdout)) lines.push(JSON.parse(line) as Told);
  return lines.at(-1)!;
}
