// What needs a live document or a long walk: run in a process of its own, under a deadline. Pure functions of bytes.
import { type Compaction, type ExportFormat, type Stored } from '../../port/engine.ts';
import { SyncError } from '@syncline/shared';
import { build, graphOf, saveVerified } from './build.ts';
import { bundle } from './bundle.ts';
import { checkUpdate } from './check.ts';
import { beginsWithDocument } from './document-chunk.ts';
import { expandDocument } from './expand-document.ts';
import { ChangeHash } from './graph-digest.ts';
import { jsonOf } from './json.ts';
import { pickFromDocument } from './live-document.ts';
import { pickWanted, type Wanted } from './wanted.ts';

/**
 * `check` gives an AutomergeSummary, `pick` pieces, `version` an encoded graph, `compact` and `fold` a Compaction, `export` a text.
 */
export type Task =
  | { readonly kind: 'check'; readonly update: Uint8Array }
  | { readonly kind: 'pick'; readonly wanted: Wanted; readonly updates: readonly Uint8Array[] }
  | { readonly kind: 'version' | 'compact' | 'fold'; readonly stored: Stored; readonly digestKey: Uint8Array }
  | { readonly kind: 'export'; readonly stored: Stored; readonly format: ExportFormat };

export function runTask(task: Task): unknown {
  switch (task.kind) {
    case 'check':
      return beginsWithDocument(task.update) ? expandDocument(task.update) : checkUpdate(task.update);
    case 'pick':
      return pickWanted(task.wanted, task.updates, pickFromDocument);
    case 'version':
      return graphOf(task.stored, new ChangeHash(task.digestKey)).encode();
    case 'compact':
      return compact(task.stored, new ChangeHash(task.digestKey));
    case 'fold':
      return fold(task.stored, new ChangeHash(task.digestKey));
    case 'export':
      return exportDocument(task.stored, task.format);
  }
}

function compact(stored: Stored, hash: ChangeHash): Compaction {
  const { result, rejected } = build(stored, hash, (live, graph, orphans) => {
    const saved = saveVerified(live, graph);
    return saved && { version: graph.encode(), chunks: [saved, ...orphans], digest: graph.digest() };
  });
  return { ...result, rejected };
}

/** A snapshot of a document that costs too much to be built: what is stored, as it is, with the tail behind it. */
function fold(stored: Stored, hash: ChangeHash): Compaction {
  const graph = graphOf(stored, hash);
  const chunks = [...stored.chunks, ...bundle(stored.tail)];
  return { version: graph.encode(), chunks, rejected: [], digest: graph.digest() };
}

/** Throws a SyncError `bad_request` for the text of what is more than one text. */
function exportDocument(stored: Stored, format: ExportFormat): string {
  const { result: content } = build(stored, new ChangeHash(new Uint8Array(16)), (live) => live.content());
  if (format === 'json') return jsonOf(content, 2);
  const values = Object.values(content as Record<string, unknown>);
  if (values.length === 1 && typeof values[0] === 'string') return values[0];
  throw new SyncError('bad_request', 'the document is more than one text; export it as JSON');
}
