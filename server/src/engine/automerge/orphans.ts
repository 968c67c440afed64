// Changes that are held while something before them is missing, and what each waits for. There are few of them, and seldom for long.
import type { GraphDigest } from './graph-digest.ts';
import { orphanKind } from './graph-digest.ts';
import type { CheckedChange } from './summary.ts';

/** What is kept of a change that is not in the graph. */
export type Orphan = Pick<CheckedChange, 'hash' | 'deps' | 'actor' | 'seq' | 'startOp' | 'maxOp'>;

export function keyOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('latin1');
}

export class Orphans {
  readonly #digest: GraphDigest;
  readonly #byHash = new Map<string, Orphan>();
  /** By actor and sequence number. */
  readonly #numbers = new Set<string>();
  /** By what they wait for, each with all that it builds on. */
  readonly #waiting = new Map<string, Set<string>>();

  constructor(digest: GraphDigest) {
    this.#digest = digest;
  }

  get size(): number {
    return this.#byHash.size;
  }

  [Symbol.iterator](): Iterator<Orphan> {
    return this.#byHash.values();
  }

  has(hash: Uint8Array): boolean {
    return this.#byHash.size > 0 && this.#byHash.has(keyOf(hash));
  }

  hasNumber(actor: string, seq: number): boolean {
    return this.#numbers.size > 0 && this.#numbers.has(`${actor} ${seq}`);
  }

  /** Keeps copies. */
  add({ hash, deps, actor, seq, startOp, maxOp }: Orphan): Orphan {
    const orphan = { hash: hash.slice(), deps: deps.map((dep) => dep.slice()), actor, seq, startOp, maxOp };
    const key = keyOf(hash);
    this.#byHash.set(key, orphan);
    this.#numbers.add(`${actor} ${seq}`);
    for (const dep of deps) {
      const waiting = this.#waiting.get(keyOf(dep));
      if (waiting) waiting.add(key);
      else this.#waiting.set(keyOf(dep), new Set([key]));
    }
    this.#digest.add(hash, orphanKind);
    return orphan;
  }

  remove({ hash, deps, actor, seq }: Orphan): void {
    const key = keyOf(hash);
    this.#byHash.delete(key);
    this.#numbers.delete(`${actor} ${seq}`);
    for (const dep of deps) {
      const waiting = this.#waiting.get(keyOf(dep));
      waiting?.delete(key);
      if (waiting?.size === 0) this.#waiting.delete(keyOf(dep));
    }
    this.#digest.remove(hash, orphanKind);
  }

  /** Those that build on a change. */
  waitingFor(hash: Uint8Array): readonly Orphan[] {
    if (this.#byHash.size === 0) return [];
    const waiting = this.#waiting.get(keyOf(hash));
    return waiting ? Array.from(waiting, (key) => this.#byHash.get(key)!) : [];
  }

  /** What is not held of that on which some of these hashes, as far as they are orphans, and the orphans before them build. */
  missingBefore(hashes: readonly Uint8Array[], isHeld: (hash: Uint8Array) => boolean): Uint8Array[] {
    const missing = new Map<string, Uint8Array>();
    const seen = new Set(hashes.map(keyOf));
    // The set grows while it is walked.
    for (const key of seen) {
      for (const dep of this.#byHash.get(key)?.deps ?? []) {
        if (this.has(dep)) seen.add(keyOf(dep));
        else if (!isHeld(dep)) missing.set(keyOf(dep), dep);
      }
    }
    return [...missing.values()];
  }
}
