// Tiptap, with its own extension for collaboration, and the cursors of the binding that this is made of.
import type { YjsProvider } from '@syncline/client/provider';
import { Editor, Extension } from '@tiptap/core';
import { Collaboration } from '@tiptap/extension-collaboration';
import { StarterKit } from '@tiptap/starter-kit';
import { yCursorPlugin } from '@tiptap/y-tiptap';

export function tiptap(element: HTMLElement, provider: YjsProvider): void {
  const cursors = Extension.create({
    name: 'cursors',
    addProseMirrorPlugins: () => [yCursorPlugin(provider.awareness)],
  });
  new Editor({
    element,
    extensions: [
      StarterKit.configure({ undoRedo: false }),
      Collaboration.configure({ document: provider.doc, provider }),
      cursors,
    ],
  });
}
