// What the page says of Automerge documents: what a change, a document at rest and one that is open cost.
import { writtenDocuments } from '../load/written-documents.ts';
import { automergeSize, type AutomergeRun, type ChangesRun, type Kind } from '../measure/automerge.ts';
import type { AutomergeServerName } from '../measure/automerge-server.ts';
import { medianOf } from '../measure/statistics.ts';
import { automergeExpectation } from './expectations.ts';
import { number } from './number.ts';
import { range, ratio, type Runs, runCount } from './runs.ts';
import { table } from './table.ts';

export type AutomergeRuns = Runs<AutomergeRun, AutomergeServerName>;

const base = 'automerge-repo';

export function automergeResults(runs: AutomergeRuns): string {
  const { documents, changes, warmUp, stored } = automergeSize;
  const { small, open, fewOpen, restMs } = automergeSize;
  const [smallDocument] = writtenDocuments(1, small);
  return `${number(documents)} documents with a writer and a reader each, all of them unchanged Repos with a WebSocketClientAdapter of automerge-repo 2.5 on a
socket of their own: ${number(changes)} changes after ${number(warmUp)} to warm up, most of one typed character and every
tenth of a field, each once the reader has the one before, and none so soon that a Repo would send it together with the next. \`new\` documents have been through next to nothing before, a \`page\` through ${number(automergeSize.pageEdits)} edits or so. CPU is counted as
in the burst until everybody has everything and the writers have been told so. \`automerge-repo\` is a Repo with its
WebSocketServerAdapter, which answers before it stores; it stores in files, as the adapter of the same authors does, but without
that one's copy of everything in memory, and syncs none. Where changes come one by one, as here, most of what one costs is what
frames, turns of the event loop and commits cost that a burst shares. Medians of ${runCount(runs)}, the servers taking turns.

${changeTable(runs)}

What the data folder takes up in blocks of the file system after these ${number(stored)} changes: when the last has come and the documents
are open, when they have come to rest, and what of that is in use once the server has ended. A database keeps a write-ahead log of
some 4 MB while it is written to, however few its documents are, and the room that a compaction has freed; after some seconds of rest
it gives back both. What is left of a \`page\` is mostly the hashes of its changes, 32 bytes each, which no compression makes
smaller. What was expected was said of documents of unknown size: a file a change weighs most where a document is not soon rewritten as
a whole.

${diskTable(runs)}

Memory for a small open document: of ${number(small.first)} edits and ${number(smallDocument!.length)} bytes when saved. A server that has them on its disk is started, a Repo
opens ${number(fewOpen)} of them and then ${number(open)} more; it is the difference in resident memory, of the server and of what it starts, ${restMs / 1_000} s after each, no
collection forced.

${memoryTable(runs)}`;
}

function changeTable(runs: AutomergeRuns): string {
  const rows = rowsOfKinds(runs, (name, kind) => {
    const cost = costOf(kind, ({ processorUs }) => processorUs);
    const own = runs.get(name)!;
    return [
      `${medianOf(own, cost).toFixed(0)} µs`,
      range(own, cost, 0),
      ratio(runs, { name, base, cost }),
      automergeExpectation[name].change,
    ];
  });
  return table(
    ['server', 'documents', 'CPU a change', 'lowest–highest', '× automerge-repo', 'expected'],
    rows,
  );
}

function diskTable(runs: AutomergeRuns): string {
  const rows = rowsOfKinds(runs, (name, kind) => {
    const open = costOf(kind, ({ diskKb }) => diskKb);
    const resting = costOf(kind, ({ restingDiskKb }) => restingDiskKb);
    const used = costOf(kind, ({ usedDiskKb }) => usedDiskKb);
    const own = runs.get(name)!;
    return [
      megabytes(medianOf(own, open)),
      ratio(runs, { name, base, cost: open }),
      megabytes(medianOf(own, resting)),
      ratio(runs, { name, base, cost: resting }),
      megabytes(medianOf(own, used)),
      ratio(runs, { name, base, cost: used }),
      automergeExpectation[name].disk,
    ];
  });
  const times = '× automerge-repo';
  const heads = ['server', 'documents', 'while open', times, 'at rest', times, 'in use', times, 'expected'];
  return table(heads, rows);
}

function memoryTable(runs: AutomergeRuns): string {
  const cost = ({ kbPerDocument }: AutomergeRun): number => kbPerDocument;
  return table(
    ['server', 'memory a document', 'lowest–highest', '× automerge-repo', 'expected'],
    [...runs].map(([name, own]) => [
      name,
      `${medianOf(own, cost).toFixed(1)} KB`,
      range(own, cost),
      ratio(runs, { name, base, cost }),
      automergeExpectation[name].document,
    ]),
  );
}

function rowsOfKinds(
  runs: AutomergeRuns,
  cells: (name: AutomergeServerName, kind: Kind) => readonly string[],
): string[][] {
  return automergeSize.kinds.flatMap((kind) =>
    Array.from(runs.keys(), (name) => [name, kind, ...cells(name, kind)]),
  );
}

function costOf(kind: Kind, measure: (run: ChangesRun) => number): (run: AutomergeRun) => number {
  return ({ of }) => measure(of[kind]);
}

function megabytes(kb: number): string {
  return `${(kb / 1_024).toFixed(1)} MB`;
}
