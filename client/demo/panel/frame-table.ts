// The messages as a table, newest first: a row for each, drawn once.
import { element } from '../../parts/page.ts';
import type { Frame } from './frame-log.ts';

/** As many as somebody looks through, and few enough to be laid out at once. */
const maxRows = 200;

const directions = { sent: ['↑', 'sent'], received: ['↓', 'received'] } as const;

export class FrameTable {
  readonly #body = element('#frames tbody', HTMLTableSectionElement);
  /** Not drawn yet, newest first. */
  #waiting: Frame[] = [];

  add(frame: Frame): void {
    this.#waiting.unshift(frame);
    if (this.#waiting.length > maxRows) this.#waiting.pop();
  }

  draw(): void {
    if (this.#waiting.length === 0) return;
    this.#body.prepend(...this.#waiting.map(row));
    this.#waiting = [];
    while (this.#body.rows.length > maxRows) this.#body.lastElementChild!.remove();
  }
}

function row({ atMs, direction, kind, document: name, bytes, isLost }: Frame): HTMLTableRowElement {
  const line = document.createElement('tr');
  const [arrow, word] = directions[direction];
  line.dataset['direction'] = direction;
  const way = cell('');
  const sign = document.createElement('span');
  sign.ariaHidden = 'true';
  sign.textContent = arrow;
  const spoken = document.createElement('span');
  spoken.className = 'unseen';
  spoken.textContent = word;
  way.append(sign, spoken);
  const what = cell(kind);
  if (isLost) {
    line.dataset['lost'] = '';
    const lost = document.createElement('span');
    lost.className = 'lost';
    lost.textContent = 'dropped';
    what.append(' ', lost);
  }
  const of = cell(name ?? '');
  of.title = name ?? '';
  line.append(cell(time(atMs)), way, what, of, cell(String(bytes)));
  return line;
}

function cell(text: string): HTMLTableCellElement {
  const made = document.createElement('td');
  made.textContent = text;
  return made;
}

/** To the tenth of a second, as one reads a clock. */
function time(atMs: number): string {
  const at = new Date(atMs);
  const [hours, minutes, seconds] = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${hours}:${minutes}:${seconds}.${Math.floor(at.getMilliseconds() / 100)}`;
}
