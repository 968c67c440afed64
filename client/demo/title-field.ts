// The document's name as a title that can be written over: Enter opens the document of that name, Escape brings the name of
// this one back.
import { element } from '../parts/page.ts';

export interface TitleField {
  show(name: string): void;
}

export function titleField(open: (name: string) => void): TitleField {
  const form = element('#open', HTMLFormElement);
  const input = element('#name', HTMLInputElement);
  const heading = element('#heading', HTMLElement);
  let shown = '';
  const restore = (): void => {
    input.value = shown;
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (name) open(name);
    else restore();
  });
  input.addEventListener('keydown', ({ key, isComposing }) => {
    if (key === 'Escape' && !isComposing) restore();
  });
  // Else it would name a document that is not the one below.
  input.addEventListener('blur', restore);
  return {
    show: (name) => {
      shown = name;
      restore();
      heading.textContent = name;
      document.title = `${name} · Syncline`;
    },
  };
}
