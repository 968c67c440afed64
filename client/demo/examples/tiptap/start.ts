// An editor of rich text: Tiptap, through Hocuspocus' provider.
import { Editor } from '@tiptap/core';
import { Collaboration } from '@tiptap/extension-collaboration';
import { StarterKit } from '@tiptap/starter-kit';
import * as Y from 'yjs';
import { pageNonce } from '../../../parts/page.ts';
import '../../../parts/style/editor.css';
import { nameIn, tokenIn } from '../../address.ts';
import { enter, keepApart } from '../../identity.ts';
import { presentIn } from '../../people.ts';
import { serverOf } from '../address.ts';
import { Frame, literal } from '../frame.ts';
import { carets } from './carets.ts';
import { connect } from './connect.ts';
import source from './connect.ts?raw';
import { Standing } from './standing.ts';
import './text.css';
import { Toolbar } from './toolbar.ts';

export function start(): void {
  const name = nameIn(location.hash, 'tiptap');
  const server = serverOf(location.href);
  const doc = new Y.Doc();
  const provider = connect(doc, { server, name, token: tokenIn(location.href) ?? null });
  const presence = provider.awareness!;
  const frame = new Frame({
    title: 'Tiptap through Hocuspocus',
    about: 'Tiptap 3, with @hocuspocus/provider 4.8 as it comes from npm.',
    caution: 'A change counts as synced when it is on the disk of the server, and not before.',
    elsewhere: [
      'A y-websocket provider at ',
      literal(`${server}/yjs/${encodeURIComponent(name)}`),
      ' has the same document and sees the same people.',
    ],
    source,
    document: name,
    retry: () => void provider.connect(),
  });
  const place = document.createElement('div');
  place.className = 'text-editor';
  const editor = new Editor({
    element: place,
    extensions: [
      StarterKit.configure({ undoRedo: false, link: { openOnClick: false } }),
      Collaboration.configure({ document: doc }),
      carets(presence),
    ],
    editorProps: {
      attributes: {
        'aria-label': 'Text of the document',
        'aria-multiline': 'true',
        'data-hint': 'Type here, and in a second window.',
        role: 'textbox',
        spellcheck: 'true',
      },
    },
    injectNonce: pageNonce(),
  });
  const toolbar = new Toolbar(editor);
  frame.app.append(toolbar.element, place);

  const standing = new Standing(provider, () => {
    frame.showFacts(standing.facts);
    frame.showLine(standing.line);
    if (editor.isEditable !== standing.mayWrite) editor.setEditable(standing.mayWrite, false);
    toolbar.isDisabled = !standing.mayWrite;
    editor.view.dom.ariaReadOnly = String(!standing.mayWrite);
  });
  // Who was here before the connection was lost takes what is the same as before for old.
  provider.on('authenticated', () => enter(presence));
  presence.on('change', () => {
    keepApart(presence);
    frame.showPeople(presentIn(presence));
  });
  enter(presence);
  frame.showFacts(standing.facts);
}
