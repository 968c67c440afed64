// The Automerge engine: checks and versions on the calling thread, without any of Automerge; everything that needs a live document in
// two processes, one for what somebody waits for and one for what nobody does.
import { encodeHeadsRequest, SyncError } from '@syncline/shared';
import {
  type Compaction,
  CostlyTask,
  type Engine,
  type ExportFormat,
  type ReaderRequest,
  type SnapshotNeed,
  type Stored,
  type Summary,
  type Version,
} from '../port/engine.ts';
import { bundle } from './automerge/bundle.ts';
import { checkUpdate } from './automerge/check.ts';
import { beginsWithDocument } from './automerge/document-chunk.ts';
import { ChangeGraph } from './automerge/graph.ts';
import { ChangeHash } from './automerge/graph-digest.ts';
import { countOf, holdsSome } from './automerge/graph-encoding.ts';
import { fromRequest, readRequest } from './automerge/request.ts';
import { type AutomergeSummary, asSummary } from './automerge/summary.ts';
import type { Task } from './automerge/tasks.ts';
import { trimUpdate } from './automerge/trim.ts';
import { isGivenWhole, pickWanted } from './automerge/wanted.ts';
import { TaskProcess } from './tasks/task-process.ts';
import type { TaskRunner } from './tasks/task-runner.ts';

/** Some hundred changes; reading them takes a millisecond, and what they may inflate to a few more. */
const maxBytesOnThisThread = 16 * 1024;
const boundsOnThisThread = { inflatedFreely: 256 * 1024 };
/** Hashing a page of changes, to see which are wanted, takes two milliseconds. */
const maxBytesPickedOnThisThread = 64 * 1024;
/**
 * A change takes up to 60 µs to be read, applied, saved and loaded again, whether it is a hundred bytes in the tail or a few in a whole
 * document. A task's deadline grows with its bytes: this is how many bytes it counts for, and how many a byte of the tail does, so that
 * what people write is done on a machine that is busy.
 */
const effortOfChange = 2048;
const effortOfTailByte = 20;

const tasksEntry = new URL('automerge/task-process-entry.ts', import.meta.url);

export class AutomergeEngine implements Engine {
  readonly name = 'automerge';
  readonly nothingHeld = readRequest(encodeHeadsRequest({ heads: [], samples: [] }));
  readonly #digestKey: Uint8Array;
  readonly #hash: ChangeHash;
  /** For what somebody waits for, and for what nobody does. */
  readonly #foreground: TaskRunner<Task>;
  readonly #background: TaskRunner<Task>;

  /** `digestKey` is 16 bytes and the same on all replicas that compare digests. */
  constructor(digestKey: Uint8Array, newRunner: () => TaskRunner<Task> = () => new TaskProcess(tasksEntry)) {
    this.#digestKey = digestKey;
    this.#hash = new ChangeHash(digestKey);
    this.#foreground = newRunner();
    this.#background = newRunner();
  }

  check(update: Uint8Array): Summary | Promise<Summary> {
    if (update.length > maxBytesOnThisThread || beginsWithDocument(update))
      return this.#checkInWorker(update);
    try {
      return asSummary(checkUpdate(update, boundsOnThisThread));
    } catch (error) {
      if (error instanceof SyncError && error.code === 'update_too_costly')
        return this.#checkInWorker(update);
      throw error;
    }
  }

  async #checkInWorker(update: Uint8Array): Promise<Summary> {
    try {
      return asSummary(
        (await this.#foreground.run({ kind: 'check', update }, update.length)) as AutomergeSummary,
      );
    } catch (error) {
      throw error instanceof CostlyTask ? new SyncError('update_too_costly') : error;
    }
  }

  trim(update: Uint8Array, summary: Summary, version: Version): Uint8Array {
    return trimUpdate(update, summary, version as ChangeGraph);
  }

  version(snapshot: Uint8Array | undefined, tail: readonly Uint8Array[]): Version | Promise<Version> {
    if (size(tail) > maxBytesOnThisThread) return this.#versionInWorker(snapshot, tail);
    const graph = snapshot ? ChangeGraph.decode(snapshot, this.#hash) : new ChangeGraph(this.#hash);
    for (const update of tail) {
      const addition = graph.add(asSummary(checkUpdate(update)));
      if (addition) graph.settled(addition);
    }
    return graph;
  }

  async #versionInWorker(snapshot: Uint8Array | undefined, tail: readonly Uint8Array[]): Promise<Version> {
    const stored = { version: snapshot, chunks: [], tail };
    const task = { kind: 'version', stored, digestKey: this.#digestKey } as const;
    return ChangeGraph.decode((await this.#foreground.run(task, effortOf(stored))) as Uint8Array, this.#hash);
  }

  readRequest(bytes: Uint8Array): ReaderRequest {
    return readRequest(bytes);
  }

  needs(request: ReaderRequest, snapshotVersion: Uint8Array): SnapshotNeed {
    const { isExact, wanted } = fromRequest(request);
    return !isExact || holdsSome(snapshotVersion, wanted, this.#hash.seed) ? 'everything' : 'nothing';
  }

  async diff(request: ReaderRequest, updates: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const { isExact, wanted: hashes, takesDocument } = fromRequest(request);
    // What nobody has narrowed down is answered with everything.
    if (!isExact) return updates;
    const wanted = { hashes, takesDocument };
    const buildsNone = updates.every((update) => !beginsWithDocument(update) || isGivenWhole(wanted, update));
    const changeBytes = size(updates.filter((update) => !beginsWithDocument(update)));
    if (buildsNone && changeBytes <= maxBytesPickedOnThisThread) return pickWanted(wanted, updates, () => []);
    const effort = size(updates) + hashes.length * effortOfChange;
    return (await this.#foreground.run({ kind: 'pick', wanted, updates }, effort)) as Uint8Array[];
  }

  bundle(updates: readonly Uint8Array[]): readonly Uint8Array[] {
    return bundle(updates);
  }

  async compact(stored: Stored): Promise<Compaction> {
    const task = { kind: 'compact', stored, digestKey: this.#digestKey } as const;
    return (await this.#background.run(task, effortOf(stored))) as Compaction;
  }

  async fold(stored: Stored): Promise<Compaction> {
    const task = { kind: 'fold', stored, digestKey: this.#digestKey } as const;
    return (await this.#background.run(task, effortOf(stored))) as Compaction;
  }

  async export(stored: Stored, format: ExportFormat): Promise<string> {
    return (await this.#background.run({ kind: 'export', stored, format }, effortOf(stored))) as string;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#foreground.stop(), this.#background.stop()]);
  }
}

/** In bytes, as a deadline counts them. */
function effortOf({ version, chunks, tail }: Stored): number {
  return size(chunks) + size(tail) * effortOfTailByte + (version ? countOf(version) * effortOfChange : 0);
}

function size(updates: readonly Uint8Array[]): number {
  return updates.reduce((sum, update) => sum + update.length, 0);
}
