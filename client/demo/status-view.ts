// The status line in the page: an icon, the words, and a button where there is something to try.
import { element } from '../parts/page.ts';
import type { Line } from '../parts/status-line.ts';
import type { LineView } from '../parts/steady-line.ts';

export function statusView(retry: () => void): LineView {
  const line = element('#status', HTMLElement);
  const words = element('#status-words', HTMLElement);
  const announced = element('#status-announced', HTMLElement);
  const button = element('#retry', HTMLButtonElement);
  button.addEventListener('click', retry);
  return {
    show: ({ is, text, retry: label }: Line) => {
      line.dataset['state'] = is;
      words.textContent = text;
      button.hidden = label === undefined;
      if (label !== undefined) button.textContent = label;
    },
    announce: (text) => {
      announced.textContent = text;
    },
  };
}
