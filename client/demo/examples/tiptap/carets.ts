// Shows where everybody else is in a Tiptap editor. Of our own, where there is an extension as well: colours are set so that
// the page's content security policy lets them through, and what others say of themselves is checked.
import { Extension } from '@tiptap/core';
import { yCursorPlugin } from '@tiptap/y-tiptap';
import type { Awareness } from 'y-protocols/awareness';
import { caretOf, labelsIn, placeLabels } from '../../../parts/caret.ts';
import { personIn } from '../../../parts/person.ts';

export function carets(presence: Awareness): Extension {
  let frame = 0;
  return Extension.create({
    name: 'carets',
    addProseMirrorPlugins: () => [
      yCursorPlugin(presence, {
        cursorBuilder: (user: unknown) => caretOf(personIn({ user })),
        selectionBuilder: (user: unknown) => ({
          class: 'selection-of-other',
          style: `background-color: ${personIn({ user }).colour}40`,
        }),
      }),
    ],
    onTransaction: ({ editor: { view } }) => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() =>
        placeLabels(labelsIn(view.dom, view.dom.getBoundingClientRect().right)),
      );
    },
  });
}
