// The newest commits with what they added, for sinks that are a moment behind; the rest is in the journal.
import type { Commit } from '../core/commits.ts';
import type { Sequence } from '../port/journal.ts';
import { entryBytes, maxRecentBytes, maxRecentCommits } from './limits.ts';

export class RecentCommits {
  #commits: Commit[] = [];
  #bytes = 0;

  add(commit: Commit): void {
    // What is between the two is in the journal.
    if (this.#commits.length > 0 && this.#commits.at(-1)!.sequence + 1 !== commit.sequence) this.#clear();
    this.#commits.push(commit);
    this.#bytes += bytesOf(commit);
    if (this.#commits.length <= maxRecentCommits && this.#bytes <= maxRecentBytes) return;
    // In one go, and not one at each commit from here on.
    let dropped = 0;
    while (dropped < this.#commits.length - 1 && !this.#isHalf(dropped))
      this.#bytes -= bytesOf(this.#commits[dropped++]!);
    this.#commits = this.#commits.slice(dropped);
  }

  /** All commits after a sequence, undefined if they do not go back so far. */
  after(sequence: Sequence): readonly Commit[] | undefined {
    const first = this.#commits[0]?.sequence;
    if (first === undefined || sequence + 1 < first) return undefined;
    return this.#commits.slice(sequence + 1 - first);
  }

  #clear(): void {
    this.#commits = [];
    this.#bytes = 0;
  }

  #isHalf(dropped: number): boolean {
    return this.#commits.length - dropped <= maxRecentCommits / 2 && this.#bytes <= maxRecentBytes / 2;
  }
}

export function bytesOf({ pieces }: Commit): number {
  let bytes = entryBytes;
  for (const { update } of pieces) bytes += update.length;
  return bytes;
}
