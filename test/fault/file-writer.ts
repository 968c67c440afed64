// A process that writes to a file until it is killed. It tells of each write that was acknowledged, on a line of its own.
import { statSync } from 'node:fs';
import { codeOf, same } from '../contract/local-store-same.ts';
import { numbersIn, Writer } from './file-writing.ts';

const [path, maxBytes] = process.argv.slice(2);
const writer = await Writer.open(path!).catch((error: Error & { code?: string }) => error);

if (writer instanceof Error) {
  tell({ refused: writer.code });
} else if (maxBytes === undefined) {
  // Several are under way at once, so that it is killed with some of them in one group.
  await Promise.all([0, 1, 2].map(() => writeOn(writer)));
} else {
  await fill(writer, Number(maxBytes));
}

async function writeOn(to: Writer): Promise<never> {
  for (;;) tell({ written: await to.writeNext() });
}

/** Writes until there is no more room, and then says what is to be read. */
async function fill(to: Writer, bytes: number): Promise<void> {
  let last = 0;
  let code = 'done';
  let before = 0;
  while (code === 'done') {
    before = statSync(path!, { throwIfNoEntry: false })?.size ?? 0;
    code = await codeOf(to.writeNext(bytes).then((number) => (last = number)));
  }
  // Nothing of what did not fit is left.
  same(statSync(path!).size, before);
  same(
    numbersIn(await to.read()),
    Array.from({ length: last }, (_, index) => index + 1),
  );
  // What is smaller than the room that is left is taken.
  const small = await codeOf(to.writeNext(0).then((number) => (last = number)));
  tell({ code, small, written: last });
  await to.close();
}

function tell(what: unknown): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
