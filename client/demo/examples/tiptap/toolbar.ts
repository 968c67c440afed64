// The buttons above the text, each of which shows whether it is on where the cursor is.
import type { Editor } from '@tiptap/core';

interface Tool {
  readonly name: string;
  readonly label: string;
  readonly isOn: (editor: Editor) => boolean;
  readonly press: (editor: Editor) => void;
}

const tools: readonly Tool[] = [
  mark('bold', 'Bold', 'B', (editor) => editor.chain().focus().toggleBold().run()),
  mark('italic', 'Italic', 'I', (editor) => editor.chain().focus().toggleItalic().run()),
  mark('heading', 'Heading', 'H', (editor) => editor.chain().focus().toggleHeading({ level: 2 }).run()),
  mark('bulletList', 'List', '•', (editor) => editor.chain().focus().toggleBulletList().run()),
  mark('blockquote', 'Quote', '”', (editor) => editor.chain().focus().toggleBlockquote().run()),
];

export function toolbar(editor: Editor): HTMLElement {
  const bar = document.createElement('div');
  bar.className = 'toolbar';
  bar.role = 'toolbar';
  bar.ariaLabel = 'Formatting';
  const buttons = tools.map((tool) => button(tool, editor));
  bar.append(...buttons);
  editor.on('transaction', () => {
    for (const [index, tool] of tools.entries()) buttons[index]!.ariaPressed = String(tool.isOn(editor));
  });
  return bar;
}

function button({ name, label, press }: Tool, editor: Editor): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'quiet';
  made.textContent = label;
  made.ariaLabel = name;
  made.title = name;
  made.ariaPressed = 'false';
  // The text keeps the focus, and with it what is selected.
  made.addEventListener('mousedown', (event) => event.preventDefault());
  made.addEventListener('click', () => press(editor));
  return made;
}

function mark(type: string, name: string, label: string, press: Tool['press']): Tool {
  return { name, label, isOn: (editor) => editor.isActive(type), press };
}
