// A page for tests: four editors, each bound to a document of its own by a binding as it comes from npm, which takes the SDK's provider
// for one of y-websocket.
import { createClient } from '@syncline/client';
import { YjsProvider } from '@syncline/client/provider';
import * as Y from 'yjs';
import { codemirror } from './codemirror.ts';
import { monaco } from './monaco.ts';
import { prosemirror } from './prosemirror.ts';
import { tiptap } from './tiptap.ts';

const parameters = new URLSearchParams(location.search);
const client = createClient({ url: parameters.get('sync')! });
const user = { name: parameters.get('name')!, color: '#30bced', colorLight: '#30bced33' };

const bindings = { codemirror, monaco, prosemirror, tiptap };

const providers = Object.entries(bindings).map(([name, bind]) => {
  const provider = new YjsProvider(client, `bindings/${name}`, new Y.Doc());
  provider.awareness.setLocalStateField('user', user);
  const place = document.createElement('section');
  place.id = name;
  document.body.append(place);
  bind(place, provider);
  return provider;
});

button('disconnect', (provider) => provider.disconnect());
button('connect', (provider) => provider.connect());

function button(label: string, press: (provider: YjsProvider) => void): void {
  const made = document.createElement('button');
  made.textContent = label;
  made.addEventListener('click', () => providers.forEach(press));
  document.body.prepend(made);
}
