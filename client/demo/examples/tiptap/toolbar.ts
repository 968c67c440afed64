// The buttons above the text, each of which shows whether it is on where the cursor is.
import type { Editor } from '@tiptap/core';

interface Tool {
  readonly type: string;
  readonly name: string;
  /** A letter, or the path of an icon. */
  readonly face: string;
  readonly press: (editor: Editor) => void;
}

const listIcon = 'M9 6h11M9 12h11M9 18h11M4 6h.01M4 12h.01M4 18h.01';
const quoteIcon = 'M5 5v14M10 7h10M10 12h10M10 17h6';

const tools: readonly Tool[] = [
  { type: 'bold', name: 'Bold', face: 'B', press: (editor) => editor.chain().focus().toggleBold().run() },
  {
    type: 'italic',
    name: 'Italic',
    face: 'I',
    press: (editor) => editor.chain().focus().toggleItalic().run(),
  },
  {
    type: 'heading',
    name: 'Heading',
    face: 'H',
    press: (editor) => editor.chain().focus().toggleHeading({ level: 2 }).run(),
  },
  {
    type: 'bulletList',
    name: 'List',
    face: listIcon,
    press: (editor) => editor.chain().focus().toggleBulletList().run(),
  },
  {
    type: 'blockquote',
    name: 'Quote',
    face: quoteIcon,
    press: (editor) => editor.chain().focus().toggleBlockquote().run(),
  },
];

export class Toolbar {
  readonly element = document.createElement('div');
  readonly #buttons: readonly HTMLButtonElement[];

  constructor(editor: Editor) {
    this.element.className = 'toolbar';
    this.element.role = 'toolbar';
    this.element.ariaLabel = 'Formatting';
    this.#buttons = tools.map((tool) => button(tool, editor));
    this.element.append(...this.#buttons);
    editor.on('transaction', () => {
      for (const [index, { type }] of tools.entries())
        this.#buttons[index]!.ariaPressed = String(editor.isActive(type));
    });
  }

  /** Where nothing may be typed a button would change the text all the same. */
  set isDisabled(isDisabled: boolean) {
    for (const each of this.#buttons) each.disabled = isDisabled;
  }
}

function button({ name, face, press }: Tool, editor: Editor): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.append(face.length === 1 ? face : icon(face));
  made.ariaLabel = name;
  made.title = name;
  made.ariaPressed = 'false';
  // The text keeps the focus, and with it what is selected.
  made.addEventListener('mousedown', (event) => event.preventDefault());
  made.addEventListener('click', () => press(editor));
  return made;
}

function icon(drawn: string): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  made.setAttribute('class', 'icon');
  made.setAttribute('viewBox', '0 0 24 24');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', drawn);
  made.append(path);
  made.ariaHidden = 'true';
  return made;
}
