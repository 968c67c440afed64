// A large document over a slow link. `slow-drip.ts` beside it does the same at the speed of a bad telephone line.
import { expect, it } from 'vitest';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { download, fill, upload } from './large-document.ts';

const bytes = 5 * 1024 * 1024;
const bytesPerSecond = 500 * 1024;

it('[SDK10] 5 MB open over a slow link on one connection, and the status says how far it is', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const text = await fill(server, bytes);
  const { connections, seconds, progress, announcedBytes, ...opened } = await download({
    server,
    bytesPerSecond,
  });
  expect(opened.text).toBe(text);
  expect(connections).toBe(1);
  // The link was as slow as it should have been.
  expect(seconds).toBeGreaterThan((0.9 * bytes) / bytesPerSecond);
  expect(announcedBytes).toBeGreaterThan(bytes);
  // An answer that a compaction overtakes begins again.
  expect(announcedBytes).toBeLessThan(bytes * 2);
  expect(progress[0]).toBe(0);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(progress.at(-1)).toBeGreaterThan(0.9 * announcedBytes);
  expect(progress.at(-1)).toBeLessThanOrEqual(announcedBytes);
  // What comes in one piece is small: at a tenth of this speed a larger one would be taken for silence.
  const steps = progress.slice(1).map((received, index) => received - progress[index]!);
  expect(Math.max(...steps)).toBeLessThan(256 * 1024);
});

it('[SDK10] [SDK2] 2 MB that were typed offline go up a slow link on one connection', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const sent = await upload({ server, bytesPerSecond }, 2 * 1024 * 1024);
  expect(sent.connections).toBe(1);
  expect(sent.progress.at(-1)).toBe(0);
  expect(new Set(sent.progress).size).toBeGreaterThan(sent.seconds);
});
