// Leaves out of an update the changes that are held already, or that come in it twice.
import { viewOf } from '@syncline/shared/automerge/chunk-reader.ts';
import type { Summary } from '../../port/engine.ts';
import type { ChangeGraph } from './graph.ts';
import { keyOf } from './orphans.ts';
import { fromSummary } from './summary.ts';

/** The update itself where nothing is left out, or nothing is left. A whole document is given as its changes. */
export function trimUpdate(update: Uint8Array, summary: Summary, graph: ChangeGraph): Uint8Array {
  const { changes, expanded } = fromSummary(summary);
  const bytes = expanded ?? update;
  // The way of nearly every update.
  if (changes.length === 1) return bytes;
  const taken = new Set<string>();
  const news = changes.filter(({ hash }) => {
    const isNews = !graph.has(hash) && !taken.has(keyOf(hash));
    taken.add(keyOf(hash));
    return isNews;
  });
  if (news.length === 0 || news.length === changes.length) return bytes;
  return new Uint8Array(Buffer.concat(news.map(({ start, end }) => viewOf(bytes, start, end))));
}
