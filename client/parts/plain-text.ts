// Keeps a Y.Text and an editor of plain text unit for unit the same, where the binding between them would not.
import { EditorState, type Extension, type Text } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { ySyncAnnotation } from 'y-codemirror.next';
import type * as Y from 'yjs';

/** Stands for one unit that is no text: an image, say, that another app has put there. */
const embedded = '\ufffc';

interface Operation {
  insert?: unknown;
}

/** Puts `insert` in the place of what is between two positions, in UTF-16 units. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** The text, each unit in its place. */
export function visibleText(text: Y.Text): string {
  return (text.toDelta() as Operation[]).map(({ insert }) => shown(insert)).join('');
}

/** To be called before an editor is bound: what is embedded reaches it as one unit of text. Gives what ends that. */
export function showEmbedded(text: Y.Text): () => void {
  const rewrite = ({ delta }: Y.YTextEvent): void => {
    // All observers of an event share its delta.
    for (const operation of delta as Operation[]) {
      if (operation.insert !== undefined) operation.insert = shown(operation.insert);
    }
  };
  text.observe(rewrite);
  return () => text.unobserve(rewrite);
}

/** A line ends with LF alone: by default an editor makes one unit of CR LF, and every position behind it is wrong. */
export const plainText: Extension = [
  EditorState.lineSeparator.of('\n'),
  EditorView.clipboardInputFilter.of((text) => text.replaceAll(/\r\n?/g, '\n')),
  EditorState.transactionFilter.of((transaction) => {
    if (!transaction.docChanged || transaction.annotation(ySyncAnnotation)) return transaction;
    const { startState, newSelection: selection, effects, scrollIntoView } = transaction;
    const changes: Change[] = [];
    let isCutting = false;
    transaction.changes.iterChanges((from, to, _newFrom, _newTo, insert) => {
      const change = { from, to, insert: insert.toString() };
      const whole = wholeCharacters(startState.doc, change);
      isCutting ||= whole.from !== from || whole.to !== to;
      changes.push(whole);
    });
    // As the text comes out the same, so do the selection's positions in it.
    return isCutting ? { changes, selection, effects, scrollIntoView } : transaction;
  }),
];

/** The same change without cutting a surrogate pair, of which Yjs would make two replacement characters. */
export function wholeCharacters(doc: Text, { from, to, insert }: Change): Change {
  const before = isInsidePair(doc, from) ? doc.sliceString(from - 1, from) : '';
  const after = isInsidePair(doc, to) ? doc.sliceString(to, to + 1) : '';
  return { from: from - before.length, to: to + after.length, insert: before + insert + after };
}

function isInsidePair(doc: Text, at: number): boolean {
  return at > 0 && /^[\ud800-\udbff][\udc00-\udfff]$/.test(doc.sliceString(at - 1, at + 1));
}

function shown(insert: unknown): string {
  return typeof insert === 'string' ? insert : embedded;
}
