// The Yjs engine: checks and versions on the calling thread, everything that needs a Y.Doc in two workers, one for what
// somebody waits for and one for what nobody does.
import { SyncError } from '@syncline/shared';
import * as Y from 'yjs';
import {
  type Compaction,
  CostlyTask,
  type Engine,
  type ExportFormat,
  type Stored,
  type Summary,
  type Version,
} from '../port/engine.ts';
import { checkUpdate } from './yjs/check.ts';
import { BoundaryHash } from './yjs/digest.ts';
import { HeldSet, readEnds } from './yjs/held-set.ts';
import { TaskWorker } from './yjs/pool.ts';
import { asSummary, type YjsSummary } from './yjs/summary.ts';

/** Up to here a check is under 10 ms even when every byte is a struct; above it would hold up everybody else. */
const maxBytesOnThisThread = 64 * 1024;

/** Merging costs 0.7 µs an update for as many as these, and grows with the square of their number. */
const maxMerged = 50;
/** Keystrokes are tens of bytes; a larger update gains nothing by company. */
const maxBytesMerged = 4 * 1024;

export class YjsEngine implements Engine {
  readonly name = 'yjs';
  readonly #digestKey: Uint8Array;
  readonly #hash: BoundaryHash;
  readonly #foreground = new TaskWorker();
  readonly #background = new TaskWorker();

  /** `digestKey` is 16 bytes and the same on all replicas that compare digests. */
  constructor(digestKey: Uint8Array) {
    this.#digestKey = digestKey;
    this.#hash = new BoundaryHash(digestKey);
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

  version(snapshot: Uint8Array | undefined, tail: readonly Uint8Array[]): Version {
    const held = snapshot ? HeldSet.decode(snapshot, this.#hash) : new HeldSet(this.#hash);
    for (const update of tail) held.add(asSummary(checkUpdate(update)));
    return held;
  }

  covers(request: Uint8Array, snapshotVersion: Uint8Array): boolean {
    const reader = readRequest(request);
    let covered = true;
    readEnds(snapshotVersion, (client, end) => {
      if ((reader.get(client) ?? 0) < end) covered = false;
    });
    return covered;
  }

  checkRequest(request: Uint8Array): void {
    readRequest(request);
  }

  claimsNothing(request: Uint8Array): boolean {
    return readRequest(request).size === 0;
  }

  async diff(request: Uint8Array, updates: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const task = { kind: 'diff', request, updates } as const;
    return (await this.#foreground.run(task, size(updates))) as Uint8Array[];
  }

  filter(request: Uint8Array, tail: readonly Uint8Array[]): readonly Uint8Array[] {
    const reader = readRequest(request);
    if (reader.size === 0) return tail;
    return tail.filter((update) => {
      const { held, deleted } = checkUpdate(update);
      if (deleted.length > 0) return true;
      for (let at = 0; at < held.length; at += 3)
        if ((reader.get(held[at]!) ?? 0) < held[at + 2]!) return true;
      return false;
    });
  }

  bundle(updates: readonly Uint8Array[]): readonly Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let gathered: Uint8Array[] = [];
    const flush = (): void => {
      if (gathered.length > 0) pieces.push(...merge(gathered));
      gathered = [];
    };
    for (const update of updates) {
      if (update.length > maxBytesMerged || gathered.length === maxMerged) flush();
      if (update.length > maxBytesMerged) pieces.push(update);
      else gathered.push(update);
    }
    flush();
    return pieces;
  }

  async compact(stored: Stored): Promise<Compaction> {
    const task = { kind: 'compact', stored, digestKey: this.#digestKey } as const;
    return (await this.#background.run(task, storedSize(stored))) as Compaction;
  }

  async export(stored: Stored, format: ExportFormat): Promise<string> {
    return (await this.#background.run({ kind: 'export', stored, format }, storedSize(stored))) as string;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#foreground.stop(), this.#background.stop()]);
  }
}

function merge(updates: Uint8Array[]): Uint8Array[] {
  if (updates.length === 1) return updates;
  try {
    return [Y.mergeUpdates(updates)];
  } catch {
    // Merging only saves frames: updates that cannot be merged go out as they are.
    return updates;
  }
}

function readRequest(request: Uint8Array): Map<number, number> {
  try {
    return Y.decodeStateVector(request);
  } catch {
    throw new SyncError('bad_frame', 'its state vector cannot be read');
  }
}

function storedSize(stored: Stored): number {
  return size(stored.chunks) + size(stored.tail);
}

function size(updates: readonly Uint8Array[]): number {
  return updates.reduce((sum, update) => sum + update.length, 0);
}
