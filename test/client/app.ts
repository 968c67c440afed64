// An app that opens documents, types, and closes everything when it is told to: run as a process of its own, it has to end
// by itself. Prints its connection's states, and at the end what still keeps the process alive.
import { createClient } from '@syncline/client';

const [url, mistake] = process.argv.slice(2);

await live();
console.log(`left: ${process.getActiveResourcesInfo().filter(isOfTheApp).join(' ')}`);

async function live(): Promise<void> {
  await using client = createClient({ url: url!, token: async () => 'a token' });
  let last = '';
  client.onStatus(({ connection: { state } }) => {
    if (state !== last) console.log((last = state));
  });
  using notes = client.open('notes/today');
  const tasks = client.open('tasks');
  notes.presence.setLocalStateField('name', 'anna');
  if (mistake !== undefined) notes.presence.on('change', fail);
  notes.doc.getText('content').insert(0, 'typed');
  tasks.onStatus(({ downloads }) => console.log(`tasks are ${downloads.state}`));
  notes.saved().then(
    () => console.log('saved'),
    (error: Error) => console.log(error.message),
  );
  await told();
}

function fail(): never {
  throw new Error('the application has a mistake');
}

/** Resolves with the first line on standard input, and then lets go of it. */
async function told(): Promise<void> {
  for await (const _ of process.stdin) return;
}

/** What it prints with is not its own. */
function isOfTheApp(resource: string): boolean {
  return resource !== 'PipeWrap';
}
