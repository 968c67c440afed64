// ProseMirror alone, with the three plugins that bind it to Yjs.
import type { YjsProvider } from '@syncline/client/provider';
import { keymap } from '@tiptap/pm/keymap';
import { Schema } from '@tiptap/pm/model';
import { EditorState } from '@tiptap/pm/state';
import { EditorView } from '@tiptap/pm/view';
import { undo, yCursorPlugin, ySyncPlugin, yUndoPlugin } from '@tiptap/y-tiptap';

const schema = new Schema({
  nodes: {
    doc: { content: 'paragraph+' },
    paragraph: { content: 'text*', parseDOM: [{ tag: 'p' }], toDOM: () => ['p', 0] },
    text: {},
  },
});

export function prosemirror(parent: HTMLElement, { doc, awareness }: YjsProvider): void {
  const plugins = [
    ySyncPlugin(doc.getXmlFragment('prosemirror')),
    yCursorPlugin(awareness),
    yUndoPlugin(),
    keymap({ 'Mod-z': undo }),
  ];
  new EditorView(parent, { state: EditorState.create({ schema, plugins }) });
}
