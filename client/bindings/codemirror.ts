// CodeMirror, as the README of y-codemirror.next binds it.
import type { YjsProvider } from '@syncline/client/provider';
import { defaultKeymap } from '@codemirror/commands';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import * as Y from 'yjs';

export function codemirror(parent: HTMLElement, { doc, awareness }: YjsProvider): void {
  const text = doc.getText('codemirror');
  const undoManager = new Y.UndoManager(text);
  const extensions = [
    keymap.of([...yUndoManagerKeymap, ...defaultKeymap]),
    yCollab(text, awareness, { undoManager }),
  ];
  new EditorView({ state: EditorState.create({ doc: text.toJSON(), extensions }), parent });
}
