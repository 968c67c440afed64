// Three replicas on this machine, a line between every two of them, and a page on which the lines can be cut while one types.
// npm run demo:cluster -- [--port PORT] [--data DIR]
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Cluster } from './cluster-demo/cluster.ts';
import { PageServer } from './cluster-demo/page-server.ts';

const folder = join(dirname(import.meta.dirname), 'client/dist/cluster-demo');

process.exitCode = await run().catch((error: unknown) => {
  console.error(explain(error));
  return 1;
});

async function run(): Promise<number> {
  const { port, data } = settings();
  if (process.stderr.isTTY) console.error('Starting three replicas …');
  const cluster = await Cluster.start(data);
  try {
    const page = await PageServer.listen({ cluster, folder, port });
    console.log(`Three replicas and a page to watch them: ${page.url}`);
    await new Promise<void>((end) => {
      // For good: npm passes a signal on that the whole group has had already, and a second one must not end the drain.
      for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => end());
    });
    page.close();
  } finally {
    await cluster.stop();
  }
  return 0;
}

/** Throws what `parseArgs` does, and RangeError. */
function settings(): { port: number; data: string } {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '7080' },
      data: { type: 'string', default: './data/cluster' },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(
      `--port is a number from 0, with which the system chooses, to 65535; not ${values.port}.`,
    );
  }
  return { port, data: resolve(values.data) };
}

function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE'
    ? 'The port is in use by another process; --port chooses another one.'
    : message;
}
