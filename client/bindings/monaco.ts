// Monaco, as the README of y-monaco binds it, with the names of the others where they are, and an undo that leaves theirs alone.
import type { YjsProvider } from '@syncline/client/provider';
import { editor as monacoEditor, KeyCode, KeyMod } from 'monaco-editor/esm/vs/editor/editor.api.js';
import { MonacoBinding } from 'y-monaco';
import * as Y from 'yjs';

/** A section as such has no height. */
const dimension = { width: 600, height: 100 };

export function monaco(parent: HTMLElement, { doc, awareness }: YjsProvider): void {
  const text = doc.getText('monaco');
  const editor = monacoEditor.create(parent, { dimension });
  const binding = new MonacoBinding(text, editor.getModel()!, new Set([editor]), awareness);
  const undoManager = new Y.UndoManager(text, { trackedOrigins: new Set([binding]) });
  editor.addCommand(KeyMod.CtrlCmd | KeyCode.KeyZ, () => undoManager.undo());
  const names = document.head.appendChild(document.createElement('style'));
  awareness.on('change', () => (names.textContent = namesOf(awareness)));
}

/** The binding has a class for each of the others, and leaves it to the app to say who that is. */
function namesOf({ states }: YjsProvider['awareness']): string {
  const rules = Array.from(states, ([client, { user }]) => {
    const { name } = user as { readonly name: string };
    return `.yRemoteSelectionHead-${client}::after { content: ${JSON.stringify(name)} }`;
  });
  return rules.join('\n');
}
