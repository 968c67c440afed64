// Shows where everybody else is in the text, and tells them where this window is. Of our own, where the binding has one
// as well: colours and names are set so that the page's content security policy lets them through, and what others say
// is checked before anything is made of it.
import { Annotation, type Extension, type Range } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  type PluginValue,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from '@codemirror/view';
import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { caretOf, labelsIn, placeLabels } from './caret.ts';
import { type Cursor, cursorField, cursorIn } from './cursor.ts';
import { type Person, personIn } from './person.ts';

/** Bounds what remotes can make this window draw. */
const maxCursors = 50;

const othersMoved = Annotation.define<true>();

export function cursors(text: Y.Text, presence: Awareness): Extension {
  return ViewPlugin.define((view) => new Cursors(view, text, presence), {
    decorations: ({ decorations }) => decorations,
  });
}

class Cursors implements PluginValue {
  decorations: DecorationSet = Decoration.none;
  readonly #view: EditorView;
  readonly #text: Y.Text;
  readonly #presence: Awareness;
  #told = '';

  constructor(view: EditorView, text: Y.Text, presence: Awareness) {
    this.#view = view;
    this.#text = text;
    this.#presence = presence;
    presence.on('change', this.#changed);
    this.#draw();
  }

  update({ docChanged, selectionSet, focusChanged, transactions }: ViewUpdate): void {
    if (docChanged || selectionSet || focusChanged) this.#tell();
    if (docChanged || transactions.some((each) => each.annotation(othersMoved))) this.#draw();
  }

  destroy(): void {
    this.#presence.off('change', this.#changed);
  }

  readonly #changed = (changes: Record<'added' | 'updated' | 'removed', number[]>): void => {
    const clients = [...changes.added, ...changes.updated, ...changes.removed];
    if (clients.some((client) => client !== this.#presence.clientID)) {
      this.#view.dispatch({ annotations: othersMoved.of(true) });
    }
  };

  /** A window that has lost the focus leaves its cursor where it was. */
  #tell(): void {
    if (!this.#view.hasFocus) return;
    const field = cursorField(this.#text, this.#view.state.selection.main);
    const told = JSON.stringify(field);
    if (told === this.#told) return;
    this.#told = told;
    this.#presence.setLocalStateField('cursor', field);
  }

  #draw(): void {
    const { length } = this.#view.state.doc;
    const ranges: Range<Decoration>[] = [];
    let left = maxCursors;
    for (const [client, state] of this.#presence.getStates()) {
      if (client === this.#presence.clientID) continue;
      const cursor = cursorIn(state, this.#text, length);
      if (!cursor) continue;
      ranges.push(...drawn(cursor, personIn(state), JSON.stringify(state['cursor'])));
      if (--left === 0) break;
    }
    this.decorations = Decoration.set(ranges, true);
    this.#view.requestMeasure(keepLabelsInside);
  }
}

function drawn({ anchor, head }: Cursor, person: Person, place: string): Range<Decoration>[] {
  const widget = new CursorWidget(person, place);
  // This window's own cursor stays outside of what is selected.
  const caret = Decoration.widget({ widget, side: head > anchor ? -1 : 1 }).range(head);
  if (anchor === head) return [caret];
  const mark = Decoration.mark({
    class: 'selection-of-other',
    attributes: { style: `background-color: ${person.colour}40` },
  });
  return [mark.range(Math.min(anchor, head), Math.max(anchor, head)), caret];
}

class CursorWidget extends WidgetType {
  readonly #person: Person;
  readonly #place: string;

  constructor(person: Person, place: string) {
    super();
    this.#person = person;
    this.#place = place;
  }

  /** A cursor that has moved is drawn anew, and so shows its name again. */
  override eq(other: CursorWidget): boolean {
    const { name, colour } = other.#person;
    return name === this.#person.name && colour === this.#person.colour && other.#place === this.#place;
  }

  override toDOM(): HTMLElement {
    return caretOf(this.#person);
  }
}

const keepLabelsInside = {
  key: 'cursor-names',
  read: (view: EditorView) => labelsIn(view.contentDOM, view.scrollDOM.getBoundingClientRect().right),
  write: placeLabels,
};
