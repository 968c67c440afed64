// What the core tells of itself while it is simulated: which rare paths it took, and whether it met a defect of its own.
import type { Notice, Observe } from '@syncline/server/port/observe.ts';
import { expectThat } from '../oracle/violation.ts';
import { diskFull, unreadable } from './disk-journal.ts';
import type { RarePaths } from './rare-paths.ts';
import type { Trace } from './trace.ts';

/** What may be told without anything being wrong with the server. */
const expected: ReadonlySet<Notice['event']> = new Set([
  'document-costly',
  'link',
  'duplicate-replica',
  'regression',
  'audit-repaired',
  'document-stuck',
  'document-repaired',
]);

export interface ObservedSettings {
  readonly paths: RarePaths;
  readonly trace: Trace;
  /** Told of what must not happen: whoever calls an observer does not expect it to throw. */
  readonly fail: (error: unknown) => void;
  /** Whether nothing has happened in this run of which there could be such a notice. */
  readonly isUnheardOf?: ((notice: Notice) => boolean) | undefined;
}

export class Observed implements Observe {
  readonly #name: string;
  readonly #paths: RarePaths;
  readonly #trace: Trace;
  readonly #fail: (error: unknown) => void;
  readonly #isUnheardOf: (notice: Notice) => boolean;

  constructor(name: string, { paths, trace, fail, isUnheardOf = () => false }: ObservedSettings) {
    this.#name = name;
    this.#paths = paths;
    this.#trace = trace;
    this.#fail = fail;
    this.#isUnheardOf = isUnheardOf;
  }

  connectionOpened(): void {}
  connectionClosed(): void {}
  frameReceived(): void {}
  frameSent(): void {}
  updateAccepted(): void {}
  updateRefused(): void {}
  committed(): void {}
  scrubbed(): void {}
  documentOpened(): void {}

  updateRepeated(): void {
    this.#paths.saw('repeated update');
  }

  gapAsked(): void {
    this.#paths.saw('gap asked');
  }

  readerFellBehind(): void {
    this.#paths.saw('reader fell behind');
  }

  compacted(_seconds: number, outcome: 'done' | 'costly' | 'failed'): void {
    this.#trace.note(`${this.#name}: compaction ${outcome}`);
    if (outcome === 'done') this.#paths.saw('compaction');
    else this.#paths.saw(outcome === 'costly' ? 'costly task' : 'compaction failed');
  }

  documentEvicted(): void {
    this.#paths.saw('document evicted');
  }

  notice(notice: Notice): void {
    const { event, ...about } = notice;
    this.#trace.note(`${this.#name}: ${event} ${Object.values(about).join(' ')}`);
    if (notice.event === 'commit-failed') this.#paths.saw('commit failed');
    if (notice.event === 'row-corrupt') this.#paths.saw('row unreadable');
    if (notice.event === 'regression' && notice.side === 'there') this.#paths.saw('regression there');
    if (notice.event === 'document-stuck') this.#paths.saw('document stuck');
    if (notice.event === 'duplicate-replica') this.#paths.saw('duplicate identity');
    const isExpected = (expected.has(notice.event) && !this.#isUnheardOf(notice)) || isOfTheDisk(notice);
    try {
      expectThat(isExpected, () => `O15: ${this.#name} reports ${JSON.stringify(notice)}`);
    } catch (error) {
      this.#fail(error);
    }
  }
}

/** Whether the simulated disk fails on purpose. */
function isOfTheDisk(notice: Notice): boolean {
  return 'reason' in notice && [diskFull, unreadable, 'it was not stored'].includes(notice.reason);
}
