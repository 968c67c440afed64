// Keeps a textarea and a Y.Text the same: what is typed becomes the smallest edit of the text, and what others
// write moves neither caret nor selection.
import * as Y from 'yjs';

/** `removed` units are taken out at `at`, then `inserted` is put there. Positions are UTF-16 units, as Yjs counts. */
export interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}

/**
 * The smallest single edit that turns `before` into `after` without cutting a surrogate pair, of which Yjs would
 * make two replacement characters. Where several are as small (an `a` typed among others), `caret` in `after` says which.
 */
export function difference(before: string, after: string, caret: number): Edit | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  let prefix = 0;
  while (prefix < shorter && before[prefix] === after[prefix]) prefix++;
  let suffix = 0;
  while (suffix < shorter && before.at(-1 - suffix) === after.at(-1 - suffix)) suffix++;

  // When prefix and suffix overlap, the edit may begin anywhere from `shorter - suffix` to `prefix`.
  const grown = Math.max(0, after.length - before.length);
  let at = Math.min(prefix, Math.max(shorter - suffix, caret - grown));
  let kept = Math.min(suffix, shorter - at);
  if (isHigh(before, at - 1)) at--;
  if (isLow(before, before.length - kept)) kept--;
  return { at, removed: before.length - kept - at, inserted: after.slice(at, after.length - kept) };
}

/** Binds the textarea for the life of the page to the root text called `name`. */
export function bindTextarea(textarea: HTMLTextAreaElement, doc: Y.Doc, name: string): void {
  // What the window shows is a document of its own. While an input method composes, writing to the textarea would
  // break the composition off; the others' updates then wait outside, and Yjs merges them when it ends.
  const view = new Y.Doc();
  const text = view.getText(name);
  const waiting = [Y.encodeStateAsUpdate(doc)];
  let isComposing = false;
  let shown = '';

  const read = () => {
    const edit = difference(shown, textarea.value, textarea.selectionEnd);
    if (edit === undefined) return;
    shown = textarea.value;
    view.transact(() => {
      text.delete(edit.at, edit.removed);
      text.insert(edit.at, edit.inserted.toWellFormed());
    }, textarea);
  };

  const show = () => {
    if (isComposing) return;
    const { selectionStart: start, selectionEnd: end, selectionDirection, scrollTop } = textarea;
    // A selection keeps hold of its own first and last character; a caret stays behind what is before it.
    const from = Y.createRelativePositionFromTypeIndex(text, start, start < end ? 0 : -1);
    const to = Y.createRelativePositionFromTypeIndex(text, end, -1);
    for (const update of waiting.splice(0)) Y.applyUpdate(view, update, doc);
    const value = visible(text);
    if (value === shown) return;
    textarea.value = shown = value;
    textarea.setSelectionRange(indexOf(from), indexOf(to), selectionDirection);
    textarea.scrollTop = scrollTop;
  };

  const indexOf = (position: Y.RelativePosition) =>
    Y.createAbsolutePositionFromRelativePosition(position, view, false)?.index ?? shown.length;

  view.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin === textarea) Y.applyUpdate(doc, update, view);
  });
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin === view) return;
    waiting.push(update);
    show();
  });
  textarea.addEventListener('compositionstart', () => {
    isComposing = true;
  });
  textarea.addEventListener('compositionend', () => {
    isComposing = false;
    read();
    show();
  });
  textarea.addEventListener('input', () => {
    if (!isComposing) read();
  });
  // Somebody may have typed before this script had loaded.
  read();
  show();
}

/** The text, each unit in its place: an embedded object is one unit, and a textarea would turn CR LF into one. */
function visible(text: Y.Text): string {
  const parts = (text.toDelta() as { insert: unknown }[]).map(({ insert }) =>
    typeof insert === 'string' ? insert : '\ufffc',
  );
  return parts.join('').replaceAll('\r', '\u240d');
}

function isHigh(text: string, index: number): boolean {
  return /[\ud800-\udbff]/.test(text.charAt(index));
}

function isLow(text: string, index: number): boolean {
  return /[\udc00-\udfff]/.test(text.charAt(index));
}
