// The examples' page. Each example is loaded when it is shown, so that none costs anything to whoever looks at another one.
import { exampleIn } from './address.ts';
import { bindLinks } from './frame.ts';

const examples: Record<string, () => Promise<{ start: () => void | Promise<void> }>> = {
  codemirror: () => import('./codemirror/start.ts'),
  tiptap: () => import('./tiptap/start.ts'),
  todo: () => import('./todo/start.ts'),
};

bindLinks();
const load = examples[exampleIn(location.href)];
if (!load) throw new Error('the server has no example of this name');
const { start } = await load();
await start();
