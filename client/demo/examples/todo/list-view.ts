// A to-do list in the page: each item can be ticked off, written over and removed.
import type { DocHandle } from '@automerge/automerge-repo/slim';
import { element } from '../../../parts/page.ts';
import { caretAfter } from './caret.ts';
import { add, finish, type Item, itemsIn, type List, remove, rewrite } from './list.ts';

export class ListView {
  readonly #list: DocHandle<List>;
  readonly #rows = new Map<string, Row>();
  readonly #items = document.createElement('ul');
  readonly #left = document.createElement('p');
  readonly #field: HTMLInputElement;

  constructor(place: HTMLElement, list: DocHandle<List>) {
    this.#list = list;
    const form = adding((text) => add(list, text));
    this.#field = element('input', HTMLInputElement, form);
    this.#items.className = 'items';
    this.#items.ariaLabel = 'Things to do';
    this.#left.className = 'hint';
    place.append(form, this.#items, this.#left);
    list.on('change', () => this.#draw());
    this.#draw();
  }

  #draw(): void {
    const items = itemsIn(this.#list.doc());
    const ids = new Set(items.map(([id]) => id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      // What had the focus is gone.
      if (row.element.contains(document.activeElement)) this.#field.focus();
      row.element.remove();
      this.#rows.delete(id);
    }
    for (const [index, [id, item]] of items.entries()) {
      const row = this.#rows.get(id) ?? this.#newRow(id);
      row.show(item);
      // One that is where it belongs is not moved, since that would take the focus from it.
      if (this.#items.children[index] !== row.element) {
        this.#items.insertBefore(row.element, this.#items.children[index] ?? null);
      }
    }
    const left = items.filter(([, { isDone }]) => !isDone).length;
    this.#left.textContent =
      items.length === 0
        ? 'Nothing to do. Add something, here or in a second window.'
        : `${left} of ${items.length} left`;
  }

  #newRow(id: string): Row {
    const row = new Row(this.#list, id);
    this.#rows.set(id, row);
    return row;
  }
}

class Row {
  readonly element = document.createElement('li');
  readonly #tick = document.createElement('input');
  readonly #text = document.createElement('input');
  readonly #remove = document.createElement('button');

  constructor(list: DocHandle<List>, id: string) {
    this.#tick.type = 'checkbox';
    this.#tick.addEventListener('change', () => finish(list, id, this.#tick.checked));
    this.#text.ariaLabel = 'What is to be done';
    this.#text.autocomplete = 'off';
    this.#text.addEventListener('input', () => rewrite(list, id, this.#text.value));
    this.#remove.type = 'button';
    this.#remove.className = 'quiet';
    this.#remove.textContent = '×';
    this.#remove.addEventListener('click', () => remove(list, id));
    this.element.append(this.#tick, this.#text, this.#remove);
  }

  show({ text, isDone }: Item): void {
    this.element.classList.toggle('is-done', isDone);
    this.#tick.checked = isDone;
    this.#tick.ariaLabel = `Done: ${text}`;
    this.#remove.ariaLabel = `Remove ${text}`;
    this.#remove.title = this.#remove.ariaLabel;
    this.#write(text);
  }

  /** The cursor stays where it was among the letters. */
  #write(text: string): void {
    const { value, selectionStart, selectionEnd } = this.#text;
    if (value === text) return;
    this.#text.value = text;
    if (document.activeElement !== this.#text) return;
    this.#text.setSelectionRange(
      caretAfter(value, text, selectionStart ?? 0),
      caretAfter(value, text, selectionEnd ?? 0),
    );
  }
}

function adding(take: (text: string) => void): HTMLFormElement {
  const form = document.createElement('form');
  form.className = 'adding';
  const field = document.createElement('input');
  field.ariaLabel = 'Something to do';
  field.placeholder = 'Something to do';
  field.autocomplete = 'off';
  field.enterKeyHint = 'done';
  const button = document.createElement('button');
  button.className = 'primary';
  button.textContent = 'Add';
  form.append(field, button);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (text) take(text);
    field.value = '';
    field.focus();
  });
  return form;
}
