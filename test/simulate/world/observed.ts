// What the core tells of itself while it is simulated: which rare paths it took, and whether it met a defect of its own.
import type { Notice, Observe } from '@syncline/server/port/observe.ts';
import { expectThat } from '../oracle/violation.ts';
import { diskFull, unreadable } from './disk-journal.ts';
import type { RarePaths } from './rare-paths.ts';
import type { Trace } from './trace.ts';

export class Observed implements Observe {
  readonly #paths: RarePaths;
  readonly #trace: Trace;
  readonly #fail: (error: unknown) => void;

  /** `fail` is told of what must not happen: whoever calls an observer does not expect it to throw. */
  constructor(paths: RarePaths, trace: Trace, fail: (error: unknown) => void) {
    this.#paths = paths;
    this.#trace = trace;
    this.#fail = fail;
  }

  connectionOpened(): void {}
  connectionClosed(): void {}
  frameReceived(): void {}
  frameSent(): void {}
  updateAccepted(): void {}
  updateRefused(): void {}
  committed(): void {}
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
    this.#trace.note(`compaction ${outcome}`);
    if (outcome === 'done') this.#paths.saw('compaction');
    else this.#paths.saw(outcome === 'costly' ? 'costly task' : 'compaction failed');
  }

  documentEvicted(): void {
    this.#paths.saw('document evicted');
  }

  notice(notice: Notice): void {
    this.#trace.note(`server: ${notice.event} ${'reason' in notice ? notice.reason : ''}`);
    if (notice.event === 'commit-failed') this.#paths.saw('commit failed');
    if (notice.event === 'row-corrupt') this.#paths.saw('row unreadable');
    const isExpected = notice.event === 'document-costly' || isOfTheDisk(notice);
    try {
      expectThat(isExpected, () => `the server reports ${JSON.stringify(notice)}`);
    } catch (error) {
      this.#fail(error);
    }
  }
}

/** Whether the simulated disk fails on purpose. */
function isOfTheDisk(notice: Notice): boolean {
  return 'reason' in notice && [diskFull, unreadable].includes(notice.reason);
}
