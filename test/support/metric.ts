// One number of a server's metrics, by its name without the prefix, with labels as they are printed.
import type { ServerProcess } from './server.ts';

export async function metric({ http }: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(`${http}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`syncline_${name} `));
  return Number(line?.slice(line.lastIndexOf(' ')) ?? 0);
}

export async function failedCommits(server: ServerProcess): Promise<number> {
  return metric(server, 'storage_commits_total{outcome="failed"}');
}
