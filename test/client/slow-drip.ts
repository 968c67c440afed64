// 5 MB down and up a link as slow as is asked for: `node test/client/slow-drip.ts --rate 50` (KB a second), by hand, since
// it takes minutes. A connection that is cut for want of a sign of life shows as a second one.
import { parseArgs } from 'node:util';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { download, fill, type Passage, upload } from './large-document.ts';

const { values } = parseArgs({
  options: { rate: { type: 'string', default: '50' }, megabytes: { type: 'string', default: '5' } },
});
const bytesPerSecond = Number(values.rate) * 1024;
const bytes = Number(values.megabytes) * 1024 * 1024;
/** So many of the progress values are printed. */
const samples = 12;

using folder = temporaryFolder();
await using server = await ServerProcess.start({ data: folder.path });
const text = await fill(server, bytes);
const down = await download({ server, bytesPerSecond });
print('down', down, down.text === text);
const up = await upload({ server, bytesPerSecond }, bytes);
print('up', up, up.progress.at(-1) === 0);

function print(direction: string, { connections, seconds, progress }: Passage, isComplete: boolean): void {
  const every = Math.ceil(progress.length / samples);
  const seen = progress.filter((_, index) => index % every === 0 || index === progress.length - 1);
  console.log(
    `${direction}: ${isComplete ? 'complete' : 'INCOMPLETE'} in ${seconds.toFixed(1)} s at ${values.rate} KB/s, connections made: ${connections}`,
  );
  console.log(`  progress (${progress.length} values): ${seen.join(' ')}`);
  if (connections !== 1 || !isComplete) process.exitCode = 1;
}
