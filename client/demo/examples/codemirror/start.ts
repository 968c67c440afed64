// An editor of plain text: CodeMirror, bound to Yjs, through y-websocket.
import * as Y from 'yjs';
import { Editor } from '../../../parts/editor.ts';
import { pageNonce } from '../../../parts/page.ts';
import '../../../parts/style/editor.css';
import { hashOf, nameIn, tokenIn } from '../../address.ts';
import { enter, keepApart } from '../../identity.ts';
import { presentIn } from '../../people.ts';
import { serverOf } from '../address.ts';
import { Frame, link } from '../frame.ts';
import { mayWrite } from '../grants.ts';
import { connect } from './connect.ts';
import source from './connect.ts?raw';
import { Standing } from './standing.ts';
import './text.css';

export function start(): void {
  const name = nameIn(location.hash, 'codemirror');
  const token = tokenIn(location.href);
  const doc = new Y.Doc();
  const provider = connect(doc, {
    server: serverOf(location.href),
    name,
    params: token === undefined ? {} : { token },
  });
  const frame = new Frame({
    title: 'CodeMirror through y-websocket',
    about: 'CodeMirror 6, bound to Yjs, with y-websocket 3.1 as it comes from npm.',
    caution:
      'y-websocket does not tell what is saved. An edit comes back, and goes to everybody else, once it is on disk.',
    elsewhere: [
      link('The demo', `../${location.search}${hashOf(name)}`),
      ' shows this very text through the client SDK.',
    ],
    source,
    document: name,
    retry: () => provider.connect(),
  });
  const { awareness } = provider;
  const editor = new Editor({
    parent: frame.app,
    text: doc.getText('content'),
    presence: awareness,
    label: 'Text of the document',
    nonce: pageNonce(),
  });
  frame.app.classList.add('text-editor');

  const show = (): void => {
    const reason = whyReadOnly(mayWrite(token, name), editor.isWhole);
    editor.isReadOnly = reason !== undefined;
    editor.hint =
      reason === undefined ? 'Type here, and in a second window.' : 'There is nothing to read yet.';
    standing.readOnly = reason;
    frame.showFacts(standing.facts);
    frame.showLine(standing.line);
  };
  const standing = new Standing(provider, () => {
    show();
    // Who was here before the connection was lost takes what is the same as before for old.
    if (provider.wsconnected) enter(awareness);
  });
  doc.on('update', show);
  awareness.on('change', () => {
    keepApart(awareness);
    frame.showPeople(presentIn(awareness));
  });
  enter(awareness);
  show();
}

function whyReadOnly(isAllowed: boolean, isWhole: boolean): string | undefined {
  if (!isAllowed) return 'you may not change this document.';
  return isWhole ? undefined : 'there is more in this document than text.';
}
