// Checks the types of every package, and again those of the sans-IO folders with nothing but the language in scope, so that
// a timer, a process or a fetch in them is an error.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const { sansIO } = JSON.parse(readFileSync(join(root, 'layers.json'), 'utf8')) as { sansIO: string[] };
const bare = join(root, `tsconfig.sans-io.${process.pid}.json`);

const include = sansIO.flatMap((folder) => [`${folder}/**/*.ts`]);
writeFileSync(bare, JSON.stringify({ extends: './tsconfig.base.json', include, exclude: ['**/*.test.ts'] }));
try {
  for (const project of [
    'shared',
    'server',
    'client',
    'client/src/file',
    'client/parts',
    'client/demo',
    'client/demo/shell',
    'client/cluster-demo',
    'client/bindings',
    'test',
    'scripts',
    bare,
  ]) {
    const { status } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', project],
      {
        cwd: root,
        stdio: 'inherit',
      },
    );
    if (status !== 0) process.exitCode = 1;
  }
} finally {
  rmSync(bare);
}
