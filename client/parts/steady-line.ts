// When a line of status is shown, and when it is read out: a line that claims less is shown at once, "saved" only when it
// has lasted, and that a key is being written to the device only if that takes a while, so that the words do not flicker at every key
// and never claim what is not so.
import type { Line } from './status-line.ts';

/** What is shorter is noticed by nobody. */
const steadyMs = 300;
/** A screen reader is told where things have come to rest, not of every change on the way. */
const restMs = 1_000;

export interface LineView {
  show(line: Line): void;
  announce(text: string): void;
}

export class SteadyLine {
  readonly #view: LineView;
  #shown: Line | undefined;
  #waiting: Line | undefined;
  #next: ReturnType<typeof setTimeout> | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(view: LineView) {
    this.#view = view;
  }

  take(line: Line): void {
    if (!this.#isHasty(line)) return this.#show(line);
    this.#waiting = line;
    this.#next ??= setTimeout(() => this.#show(this.#waiting!), steadyMs);
  }

  end(): void {
    clearTimeout(this.#next);
    clearTimeout(this.#rest);
  }

  #isHasty(line: Line): boolean {
    const shown = this.#shown;
    if (shown === undefined) return false;
    if (line.is === 'saved') return shown.is !== 'saved';
    // As many as are said to be kept on the device are.
    return line.kept === 'soon' && shown.kept === 'on-device' && shown.is === line.is;
  }

  #show(line: Line): void {
    clearTimeout(this.#next);
    this.#next = undefined;
    if (this.#shown?.text === line.text && this.#shown.is === line.is) return;
    this.#shown = line;
    this.#view.show(line);
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#view.announce(line.text), restMs);
  }
}
