// What an audit asks of the source, and what it is answered. Every answer comes in time and is bounded, or the link is over: an audit
// ends, whatever the other side is.
import { SyncError } from '@syncline/shared';
import { branchCount, sumBytes } from '../digest/tree.ts';
import type { Clock, Timer } from '../port/clock.ts';
import { answerWithinMs, maxLeafDocuments, treeRetryMs, treeWithinMs } from './limits.ts';
import type { Change, Message } from './messages.ts';

type Answer = Extract<Message, { say: 'sums' | 'leaf' }>;

interface Asking {
  readonly timer: Timer;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Of the source's tree, 256 of them. */
export interface Sums {
  readonly sums: Uint8Array;
  readonly head: number;
}

export class AuditQuestions {
  readonly #clock: Clock;
  readonly #say: (message: Message) => void;
  readonly #asking = new Map<string, Asking>();
  #audit = 0;
  #isClosed = false;

  constructor(clock: Clock, say: (message: Message) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  /** Answers to what was asked before are not heard any more. */
  begin(): void {
    this.#audit++;
    this.#forget();
  }

  answered(message: Answer): void {
    if (message.audit !== this.#audit) return;
    const key = keyOf(message);
    const asking = this.#asking.get(key);
    if (!asking) return;
    this.#asking.delete(key);
    asking.timer.cancel();
    asking.resolve(message);
  }

  /** Sums below a node of the source's tree. Undefined where that has been under construction for too long; rejects when the link ends. */
  async sums(of: number): Promise<Sums | undefined> {
    const untilMs = this.#clock.now() + treeWithinMs;
    while (this.#clock.now() < untilMs) {
      const answer = await this.#ask({ say: 'sumsOf', audit: this.#audit, of });
      if (answer.sums.length === branchCount * sumBytes) return answer;
      if (answer.sums.length > 0) throw new SyncError('bad_frame', 'its sums have another length');
      await this.pause();
    }
    return undefined;
  }

  /** The documents of one of the source's leaves. Rejects when the link ends. */
  async leaf(leaf: number): Promise<ReadonlyMap<string, Change>> {
    const found = new Map<string, Change>();
    for (let isLast = false, after = ''; !isLast;) {
      const { entries, isLast: last } = await this.#ask({ say: 'leafOf', audit: this.#audit, leaf, after });
      for (const entry of entries) found.set(entry.document, entry);
      if (found.size > maxLeafDocuments)
        throw new SyncError('bad_frame', 'a leaf has more documents than there can be');
      after = entries.at(-1)?.document ?? '';
      isLast = last === 1 || entries.length === 0;
    }
    return found;
  }

  /** While a tree is being built. Rejects when the link ends. */
  async pause(): Promise<void> {
    await new Promise<void>((resolve) => void this.#clock.after(treeRetryMs, resolve));
    this.#checkOpen();
  }

  close(): void {
    this.#isClosed = true;
    this.#forget();
  }

  async #ask<Question extends Extract<Message, { say: 'sumsOf' | 'leafOf' }>>(
    question: Question,
  ): Promise<Extract<Answer, { say: Question extends { say: 'sumsOf' } ? 'sums' : 'leaf' }>> {
    this.#checkOpen();
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(answerWithinMs, () =>
        reject(new SyncError('silent', 'an audit was not answered')),
      );
      this.#asking.set(keyOf(question), { timer, resolve: resolve as Asking['resolve'], reject });
      this.#say(question);
    });
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new SyncError('going_away');
  }

  #forget(): void {
    for (const { timer, reject } of this.#asking.values()) {
      timer.cancel();
      reject(new SyncError('going_away'));
    }
    this.#asking.clear();
  }
}

function keyOf(message: Extract<Message, { say: 'sums' | 'leaf' | 'sumsOf' | 'leafOf' }>): string {
  return 'of' in message ? `sums ${message.of}` : `leaf ${message.leaf}`;
}
