// How somebody else's cursor is drawn, whatever the editor: a line in their colour, and their name.
import { inkOn } from './colour.ts';
import type { Person } from './person.ts';

interface Label {
  readonly caret: HTMLElement;
  readonly isBeyond: boolean;
}

export function caretOf({ name, colour }: Person): HTMLElement {
  const caret = document.createElement('span');
  caret.className = 'cursor';
  // It would be read out in the midst of the text; who is here is said elsewhere.
  caret.ariaHidden = 'true';
  caret.style.borderColor = colour;
  const label = document.createElement('span');
  label.className = 'cursor-name';
  label.style.backgroundColor = colour;
  label.style.color = inkOn(colour);
  label.textContent = name;
  caret.append(label);
  return caret;
}

/** Which names would go beyond the right edge. Measured apart from the change, so that the page is laid out once. */
export function labelsIn(text: HTMLElement, edge: number): Label[] {
  return [...text.querySelectorAll<HTMLElement>('.cursor')].map((caret) => ({
    caret,
    isBeyond:
      caret.getBoundingClientRect().left + (caret.firstElementChild as HTMLElement).offsetWidth > edge,
  }));
}

/** Such a name is shown to the left of its cursor. */
export function placeLabels(labels: readonly Label[]): void {
  for (const { caret, isBeyond } of labels) caret.classList.toggle('is-at-edge', isBeyond);
}
