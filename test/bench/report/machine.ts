// What of the machine and of the measured programs a reader needs to judge the numbers; never its name.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/** A module of each package whose version counts. */
const measured = ['y-websocket-2/bin/utils', '@hocuspocus/server', '@automerge/automerge-repo', 'ws'];

export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly memoryGb: number;
  readonly node: string;
  /** Runnable processes before the first run, over a minute: what else was at work. */
  readonly load: number;
  readonly versions: string;
}

export function machine(): Machine {
  const model = cpus()[0]?.model.trim() ?? 'processor unknown';
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: `${availableParallelism()} cores (${model})`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    load: loadavg()[0]!,
    versions: measured.map(named).join(', '),
  };
}

/** The name and version of the package that holds a module, for packages do not always export their manifest. */
function named(module: string): string {
  for (let folder = dirname(createRequire(import.meta.url).resolve(module)); ; folder = dirname(folder)) {
    const manifest = read(join(folder, 'package.json'));
    if (manifest?.name !== undefined && manifest.version !== undefined) {
      return `${manifest.name} ${manifest.version}`;
    }
    if (folder === dirname(folder)) throw new Error(`${module} belongs to no package`);
  }
}

function read(path: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string };
  } catch {
    return undefined;
  }
}
