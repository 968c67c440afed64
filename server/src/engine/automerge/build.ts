// Builds a document from what is stored of it, and finds out what of it cannot be built.
import { viewOf } from '@syncline/shared/automerge/chunk-reader.ts';
import type { Stored } from '../../port/engine.ts';
import { checkUpdate } from './check.ts';
import { beginsWithDocument } from './document-chunk.ts';
import { expandDocument } from './expand-document.ts';
import { ChangeGraph } from './graph.ts';
import type { ChangeHash } from './graph-digest.ts';
import { jsonOf } from './json.ts';
import { isAlive, LiveDocument } from './live-document.ts';
import { keyOf } from './orphans.ts';
import { asSummary, type AutomergeSummary } from './summary.ts';

/** What is made of a document once it is built; undefined where it turns out that it is not what is stored. */
type Finish<Result> = (
  live: LiveDocument,
  graph: ChangeGraph,
  /** The chunks of changes that wait for others. */
  orphans: readonly Uint8Array[],
) => Result | undefined;

/** What is stored, read once. */
interface Parts {
  readonly version: Uint8Array | undefined;
  readonly documents: readonly Uint8Array[];
  /** By hash, the chunks of single changes in the snapshot. */
  readonly loose: ReadonlyMap<string, Uint8Array>;
  readonly tail: readonly AutomergeSummary[];
  /** By index in the tail, the bytes to which its summary refers. */
  readonly tailBytes: readonly Uint8Array[];
}

/** Gives the indexes in the tail of what cannot be built with the rest, and what is made of the rest. */
export function build<Result>(
  stored: Stored,
  hash: ChangeHash,
  finish: Finish<Result>,
): { readonly result: Result; readonly rejected: number[] } {
  const parts = takeApart(stored);
  const attempt = (accepted: readonly number[]): Result | undefined => tryOut(parts, accepted, hash, finish);
  let accepted = [...stored.tail.keys()];
  const rejected: number[] = [];
  for (;;) {
    const result = attempt(accepted);
    if (result !== undefined) return { result, rejected };
    const culprit = accepted[firstRejected(accepted, attempt)]!;
    rejected.push(culprit);
    accepted = accepted.filter((index) => index !== culprit);
  }
}

/** The graph of everything that is stored, and nothing built but whole documents in the tail. */
export function graphOf(stored: Stored, hash: ChangeHash): ChangeGraph {
  const graph = stored.version ? ChangeGraph.decode(stored.version, hash) : new ChangeGraph(hash);
  for (const update of stored.tail) take(graph, summaryOf(update));
  return graph;
}

function takeApart({ version, chunks, tail }: Stored): Parts {
  const loose = new Map<string, Uint8Array>();
  for (const chunk of chunks) if (!beginsWithDocument(chunk)) note(loose, checkUpdate(chunk), chunk);
  const summaries = tail.map(summaryOf);
  return {
    version,
    documents: chunks.filter(beginsWithDocument),
    loose,
    tail: summaries,
    tailBytes: tail.map((update, index) => summaries[index]!.expanded ?? update),
  };
}

function summaryOf(update: Uint8Array): AutomergeSummary {
  return beginsWithDocument(update) ? expandDocument(update) : checkUpdate(update);
}

function note(chunks: Map<string, Uint8Array>, { changes }: AutomergeSummary, bytes: Uint8Array): void {
  for (const { hash, start, end } of changes) chunks.set(keyOf(hash), viewOf(bytes, start, end));
}

/** The index among the accepted of the update with which they first cannot be built, by bisection. */
function firstRejected(accepted: readonly number[], attempt: (some: readonly number[]) => unknown): number {
  if (attempt([]) === undefined) throw new Error('the engine rejects the snapshot itself');
  let builds = 0;
  let fails = accepted.length;
  while (fails - builds > 1) {
    const middle = (builds + fails) >>> 1;
    if (attempt(accepted.slice(0, middle)) !== undefined) builds = middle;
    else fails = middle;
  }
  return fails - 1;
}

function tryOut<Result>(
  parts: Parts,
  accepted: readonly number[],
  hash: ChangeHash,
  finish: Finish<Result>,
): Result | undefined {
  try {
    const graph = parts.version ? ChangeGraph.decode(parts.version, hash) : new ChangeGraph(hash);
    const chunks = new Map(parts.loose);
    for (const index of accepted) {
      take(graph, parts.tail[index]!);
      note(chunks, parts.tail[index]!, parts.tailBytes[index]!);
    }
    return finishBuilt(graph, parts.documents, chunks, finish);
  } catch (error) {
    // Without its memory Automerge says nothing about the bytes.
    if (!isAlive()) throw error;
    return undefined;
  }
}

function take(graph: ChangeGraph, summary: AutomergeSummary): void {
  const addition = graph.add(asSummary(summary));
  if (addition) graph.settled(addition);
}

function finishBuilt<Result>(
  graph: ChangeGraph,
  documents: readonly Uint8Array[],
  chunks: ReadonlyMap<string, Uint8Array>,
  finish: Finish<Result>,
): Result | undefined {
  const changes: Uint8Array[] = [];
  const orphans: Uint8Array[] = [];
  for (const [key, chunk] of chunks)
    (graph.indexOf(Buffer.from(key, 'latin1')) === undefined ? orphans : changes).push(chunk);
  using live = LiveDocument.of(documents, changes);
  return hasHeads(live, graph) ? finish(live, graph, orphans) : undefined;
}

/** Nothing is removed on the word of the encoder: what it gives is loaded again. Undefined where that is something else. */
export function saveVerified(live: LiveDocument, graph: ChangeGraph): Uint8Array | undefined {
  const saved = live.save();
  using again = LiveDocument.of([saved], []);
  const isSame = hasHeads(again, graph) && jsonOf(again.content()) === jsonOf(live.content());
  return isSame ? saved : undefined;
}

function hasHeads(live: LiveDocument, graph: ChangeGraph): boolean {
  return live.heads.join() === graph.heads.map((head) => Buffer.from(head).toString('hex')).join();
}
