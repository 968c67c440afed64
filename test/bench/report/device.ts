// What the page says of documents that a browser has kept.
import type { DeviceKind } from '../load/device-page.ts';
import { type DeviceRun, deviceSize } from '../measure/device.ts';
import { medianOf } from '../measure/statistics.ts';
import { number } from './number.ts';
import { fixed, range, ratio, runCount, type Runs } from './runs.ts';
import { table } from './table.ts';

export function deviceResults(runs: Runs<DeviceRun, DeviceKind>): string {
  const open = ({ openMs }: DeviceRun): number => openMs;
  const rows = Array.from(runs, ([name, own]) => [
    name,
    `${fixed(medianOf(own, open), 0)} ms`,
    range(own, open, 0),
    ratio(runs, { name, base: 'y-indexeddb', cost: open }),
    `${fixed(medianOf(own, ({ bytes }) => bytes) / 1e6, 1)} MB`,
  ]);
  return `A Yjs document of ${number(deviceSize.edits)} edits, most of one letter and one in ten a deletion, the last 400 of them typed in a page of Chromium that keeps
it in IndexedDB, so that there is a snapshot and a tail of 400 entries; and then opened in a page of its own ${number(deviceSize.openings)} times, without a server: from the first call until the text is in the document, of which
the median is taken. Medians of ${runCount(runs)}, the two taking turns. The room on the disk is the browser's own estimate, which rests for a while with what was replaced.

${table(['store', 'to open', 'lowest–highest', '× y-indexeddb', 'on disk'], rows)}`;
}
