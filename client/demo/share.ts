// The share button: copies the link, and says so. A browser gives a page the clipboard only over https or on the same
// machine; elsewhere the link is shown to be copied by hand.
import { element } from '../parts/page.ts';

const saidForMs = 2_500;

export function bindShare(link: () => string): void {
  const button = element('#share', HTMLButtonElement);
  const words = element('#share-words', HTMLElement);
  const said = element('#share-said', HTMLElement);
  const { textContent: usual } = words;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const say = (text: string): void => {
    words.textContent = text;
    said.textContent = text;
    button.dataset['state'] = 'said';
    clearTimeout(timer);
    timer = setTimeout(() => {
      words.textContent = usual;
      said.textContent = '';
      delete button.dataset['state'];
    }, saidForMs);
  };

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link());
      say('Link copied');
    } catch {
      showLink(link());
    }
  };
  button.addEventListener('click', () => void copy());
}

function showLink(link: string): void {
  const dialog = element('#link-dialog', HTMLDialogElement);
  const field = element('#link', HTMLInputElement);
  field.value = link;
  dialog.showModal();
  field.select();
}
