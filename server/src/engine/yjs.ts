// The Yjs engine: checks and versions on the calling thread, everything that needs a Y.Doc in two processes, one for
// what somebody waits for and one for what nobody does.
import { SyncError } from '@syncline/shared';
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
import { bundle } from './yjs/bundle.ts';
import { checkUpdate } from './yjs/check.ts';
import { BoundaryHash } from './yjs/digest.ts';
import { HeldSet, readEnds } from './yjs/held-set.ts';
import { TaskProcess } from './tasks/task-process.ts';
import type { TaskRunner } from './tasks/task-runner.ts';
import type { Task } from './yjs/tasks.ts';
import { trimUpdate } from './yjs/trim.ts';
import { clocksOf, readRequest } from './yjs/request.ts';
import { asSummary, type YjsSummary } from './yjs/summary.ts';

/** What is typed and pasted. Up to here a check takes 2 ms when every byte is a struct, 20 ms when all are subdocuments. */
const maxBytesOnThisThread = 16 * 1024;

/**
 * Trimming decodes the update once more, here: 15 ms for one of this size that is all structs. A larger one, whose check was a
 * worker's, is kept as it came: two contents for the same clocks would then hurt its own document, and not everybody's.
 */
const maxBytesTrimmed = 64 * 1024;

const tasksEntry = new URL('yjs/task-process-entry.ts', import.meta.url);

export class YjsEngine implements Engine {
  readonly name = 'yjs';
  readonly nothingHeld = readRequest(Uint8Array.of(0));
  readonly #digestKey: Uint8Array;
  readonly #hash: BoundaryHash;
  /** For what somebody waits for, and for what nobody does. */
  readonly #foreground: TaskRunner<Task>;
  readonly #background: TaskRunner<Task>;

  /** `digestKey` is 16 bytes and the same on all replicas that compare digests. A simulation runs the tasks in its own time. */
  constructor(digestKey: Uint8Array, newRunner: () => TaskRunner<Task> = () => new TaskProcess(tasksEntry)) {
    this.#digestKey = digestKey;
    this.#hash = new BoundaryHash(digestKey);
    this.#foreground = newRunner();
    this.#background = newRunner();
  }

  check(update: Uint8Array): Summary | Promise<Summary> {
    return update.length <= maxBytesOnThisThread
      ? asSummary(checkUpdate(update))
      : this.#checkInWorker(update);
  }

  async #checkInWorker(update: Uint8Array): Promise<Summary> {
    try {
      return asSummary((await this.#foreground.run({ kind: 'check', update }, update.length)) as YjsSummary);
    } catch (error) {
      throw error instanceof CostlyTask ? new SyncError('update_too_costly') : error;
    }
  }

  trim(update: Uint8Array, summary: Summary, version: Version): Uint8Array {
    if (update.length > maxBytesTrimmed) return update;
    const { held } = version as HeldSet;
    return (version as HeldSet).overlaps(summary) ? trimUpdate(update, (client) => held.get(client)) : update;
  }

  version(snapshot: Uint8Array | undefined, tail: readonly Uint8Array[]): Version | Promise<Version> {
    if (size(tail) > maxBytesOnThisThread) return this.#versionInWorker(snapshot, tail);
    const held = snapshot ? HeldSet.decode(snapshot, this.#hash) : new HeldSet(this.#hash);
    for (const update of tail) held.add(asSummary(checkUpdate(update)));
    return held;
  }

  async #versionInWorker(snapshot: Uint8Array | undefined, tail: readonly Uint8Array[]): Promise<Version> {
    const stored = { version: snapshot, chunks: [], tail };
    const task = { kind: 'version', stored, digestKey: this.#digestKey } as const;
    return HeldSet.decode((await this.#foreground.run(task, size(tail))) as Uint8Array, this.#hash);
  }

  readRequest(bytes: Uint8Array): ReaderRequest {
    return readRequest(bytes);
  }

  needs(request: ReaderRequest, snapshotVersion: Uint8Array): SnapshotNeed {
    const clocks = clocksOf(request);
    let isCovered = true;
    readEnds(snapshotVersion, (client, end) => {
      if ((clocks.get(client) ?? 0) < end) isCovered = false;
    });
    return isCovered ? 'last chunk' : 'everything';
  }

  async diff(request: ReaderRequest, updates: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const task = { kind: 'diff', request: request.bytes, updates } as const;
    return (await this.#foreground.run(task, size(updates))) as Uint8Array[];
  }

  bundle(updates: readonly Uint8Array[]): readonly Uint8Array[] {
    return bundle(updates);
  }

  async compact(stored: Stored): Promise<Compaction> {
    const task = { kind: 'compact', stored, digestKey: this.#digestKey } as const;
    return (await this.#background.run(task, storedSize(stored))) as Compaction;
  }

  async fold(stored: Stored): Promise<Compaction> {
    const task = { kind: 'fold', stored, digestKey: this.#digestKey } as const;
    return (await this.#background.run(task, storedSize(stored))) as Compaction;
  }

  async export(stored: Stored, format: ExportFormat): Promise<string> {
    return (await this.#background.run({ kind: 'export', stored, format }, storedSize(stored))) as string;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#foreground.stop(), this.#background.stop()]);
  }
}

function storedSize(stored: Stored): number {
  return size(stored.chunks) + size(stored.tail);
}

function size(updates: readonly Uint8Array[]): number {
  return updates.reduce((sum, update) => sum + update.length, 0);
}
