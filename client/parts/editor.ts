// The editor: a text that everybody has in common, with undo of what was typed here alone.
import { defaultKeymap } from '@codemirror/commands';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, highlightSpecialChars, keymap, placeholder } from '@codemirror/view';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { cursors } from './cursors.ts';
import { plainText, showEmbedded, visibleText } from './plain-text.ts';

export interface EditorSettings {
  readonly parent: HTMLElement;
  readonly text: Y.Text;
  readonly presence: Awareness;
  /** What a screen reader calls it. */
  readonly label: string;
  /** What lets the editor's own styles through the page's content security policy. */
  readonly nonce: string;
}

export class Editor {
  readonly view: EditorView;
  readonly #text: Y.Text;
  readonly #access = new Compartment();
  readonly #hint = new Compartment();
  #shownHint = '';
  readonly #undo: Y.UndoManager;
  readonly #endEmbedded: () => void;

  constructor({ parent, text, presence, label, nonce }: EditorSettings) {
    this.#text = text;
    this.#endEmbedded = showEmbedded(text);
    this.#undo = new Y.UndoManager(text);
    const state = EditorState.create({
      doc: visibleText(text),
      extensions: [
        plainText,
        yCollab(text, null, { undoManager: this.#undo }),
        // Behind the binding: it draws from what the text is after the binding has changed it.
        cursors(text, presence),
        keymap.of([...yUndoManagerKeymap, ...defaultKeymap]),
        highlightSpecialChars(),
        EditorView.lineWrapping,
        EditorView.cspNonce.of(nonce),
        EditorView.contentAttributes.of({
          'aria-label': label,
          spellcheck: 'true',
          autocapitalize: 'sentences',
          autocorrect: 'on',
        }),
        this.#access.of(EditorState.readOnly.of(false)),
        this.#hint.of([]),
      ],
    });
    this.view = new EditorView({ state, parent });
  }

  /** Whether the text is all that there is. What is typed into anything else would land in the wrong place. */
  get isWhole(): boolean {
    return this.view.state.doc.length === this.#text.length;
  }

  set isReadOnly(isReadOnly: boolean) {
    if (this.view.state.readOnly === isReadOnly) return;
    this.view.dispatch({ effects: this.#access.reconfigure(EditorState.readOnly.of(isReadOnly)) });
  }

  /** What is shown while the text is empty. */
  set hint(hint: string) {
    if (hint === this.#shownHint) return;
    this.#shownHint = hint;
    this.view.dispatch({ effects: this.#hint.reconfigure(placeholder(hint)) });
  }

  end(): void {
    this.view.destroy();
    this.#undo.destroy();
    this.#endEmbedded();
  }
}
