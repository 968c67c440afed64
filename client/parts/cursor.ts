// Where somebody's cursor is, in the form in which every Yjs editor says it: `cursor: {anchor, head}` of relative positions.
// What others say is not trusted.
import * as Y from 'yjs';

export interface Cursor {
  readonly anchor: number;
  readonly head: number;
}

/** What is told the others of a cursor. It holds on to the characters, not to the numbers. */
export function cursorField(text: Y.Text, { anchor, head }: Cursor): object {
  const relative = (index: number): unknown =>
    Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index));
  return { anchor: relative(anchor), head: relative(head) };
}

/** Where the cursor of a presence state is in the text; undefined if it is nowhere in it, or no cursor. */
export function cursorIn(state: unknown, text: Y.Text, length: number): Cursor | undefined {
  const { cursor } = (state ?? {}) as { cursor?: { anchor?: unknown; head?: unknown } | null };
  const anchor = indexOf(cursor?.anchor, text);
  const head = indexOf(cursor?.head, text);
  if (anchor === undefined || head === undefined) return undefined;
  return { anchor: Math.min(anchor, length), head: Math.min(head, length) };
}

function indexOf(position: unknown, text: Y.Text): number | undefined {
  const { doc } = text;
  if (!doc || !isPosition(position)) return undefined;
  try {
    const relative = Y.createRelativePositionFromJSON(position);
    // Looked up by its name, a root type that nobody has written would be made.
    const { tname } = relative;
    if (tname !== null && (doc.share.get(tname) as unknown) !== text) return undefined;
    const absolute = Y.createAbsolutePositionFromRelativePosition(relative, doc);
    return absolute?.type === text && Number.isSafeInteger(absolute.index) ? absolute.index : undefined;
  } catch {
    // Yjs does not check what it is given, and fails in as many ways as there are nonsense.
    return undefined;
  }
}

function isPosition(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
