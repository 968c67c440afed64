// How a server that was measured ends.
import type { ServerProcess } from '../../support/server.ts';

/** What it is given to drain before it is killed. */
const drainMs = 10_000;

/** As its operator ends it: a drained process also writes the profile that NODE_OPTIONS may have asked for. */
export async function drained(server: ServerProcess): Promise<void> {
  const killer = setTimeout(() => void server.end('SIGKILL'), drainMs);
  await server.end();
  clearTimeout(killer);
}
