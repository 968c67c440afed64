// What the page says of each benchmark: how it was measured, and its table.
import type { Request } from '../command-line.ts';
import { burstSize, type BurstRun } from '../measure/burst.ts';
import { idleSize, type IdleRun } from '../measure/idle.ts';
import { openSize, type OpenRun } from '../measure/open.ts';
import { editedSize } from '../load/edited-document.ts';
import { number } from './number.ts';
import { type Runs, runCount } from './runs.ts';
import { burstTable, idleTable, openTable } from './tables.ts';

export function burstResults(burst: Runs<BurstRun>, { warmUp }: Request): string {
  return `${number(burstSize.documents)} documents with one writer and one reader each, ${number(burstSize.updates)} updates of one typed character after
${number(warmUp)} to warm up, at most four of a writer's outstanding. CPU is the whole server process, with those that it starts, as the operating
system counts it; latency is from the writer's send to the reader's receipt, with every writer at work. Bytes and frames
out are per update and include what the writer is sent. Medians of ${runCount(burst)}, the peers taking turns.

\`syncline\` is spoken to as a stock y-websocket client does, where an update is done when a reader has it. In the native
protocol it is done when its writer has been told that it is stored, and \`syncline-native\` sends what the window allows
as one batch, as the SDK does with what is typed in one turn; \`-single\` sends a batch an update; \`-shared\` has all
writers' documents on one socket and all readers' on another.

${burstTable(burst)}`;
}

export function idleResults(idle: Runs<IdleRun>, { awareness }: Request): string {
  return `Each connection opens a document of its own as a stock client does, makes one edit${awareness ? ', shows its cursor' : ''} and rests. Memory is
resident memory ${idleSize.restMs / 1_000} s after the last connection, no collection forced, as the slope between ${number(idleSize.fewConnections)} and
${number(idleSize.manyConnections)} connections. Medians of ${runCount(idle)}.

${idleTable(idle)}`;
}

export function openResults(open: Runs<OpenRun>): string {
  return `A document of ${number(editedSize.operations)} edits by ${editedSize.authors} people, ${(documentBytes(open) / 1_000).toFixed(0)} KB as one update, that somebody has open; Syncline has it on disk
and compacted, its peers in memory. A client connects, is sent all of it, and goes; the next one follows. Medians of
${runCount(open)} of ${number(openSize.openings)} openings after ${number(openSize.warmUp)} to warm up. \`-resumed\` is a client that was there before, and nothing has changed since:
${number(openSize.resumptions)} openings. CPU is counted as in the burst; p50 and p99 are from the connect to the last byte of the document;
bytes are payload, greetings included.

${openTable(open)}`;
}

function documentBytes(runs: Runs<OpenRun>): number {
  return [...runs.values()][0]![0]!.documentBytes;
}
