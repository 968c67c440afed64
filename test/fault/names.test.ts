import { maxDocumentNameBytes } from '@syncline/shared';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Bystanders } from '../support/bystanders.ts';
import { StockClient } from '../support/client.ts';
import { RawClient } from '../support/raw-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

let folder: ReturnType<typeof temporaryFolder>;
let server: ServerProcess;

beforeAll(async () => {
  folder = temporaryFolder();
  server = await ServerProcess.start({ data: folder.path });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** The code with which a session ends that asks for this document. */
async function codeForName(path: string): Promise<number> {
  using client = await RawClient.open(server.yjs, path);
  return (await client.closed).code;
}

it('[YWS8] [RUN6] a name that no document can have ends its session with 4400', async () => {
  const names = {
    empty: '',
    'empty before a query': '?token=1',
    'of 513 bytes': 'a'.repeat(maxDocumentNameBytes + 1),
    'of 513 bytes in fewer letters': encodeURIComponent('ä'.repeat(256) + 'a'),
    'of 9,000 bytes': 'a'.repeat(9_000),
    'with a line break': 'two%0Alines',
    'with a null': 'nothing%00',
    'with a delete': 'delete%7F',
    'with half a percent-encoding': '100%',
    'with letters in a percent-encoding': '%zz',
    'that is not UTF-8': '%FF%FE',
    'cut within a letter': '%E2%82',
    'with half of a surrogate pair': '%ED%A0%BD',
  };
  const codes: Record<string, number> = {};
  await Bystanders.during(server, async () => {
    for (const [what, name] of Object.entries(names)) codes[what] = await codeForName(name);
  });
  expect(codes).toEqual(Object.fromEntries(Object.keys(names).map((what) => [what, 4400])));
});

it.each([
  ['of 512 bytes', 'a'.repeat(maxDocumentNameBytes), 'a'.repeat(maxDocumentNameBytes)],
  ['with slashes', 'projects/7/notes', 'projects%2F7%2Fnotes'],
  ['with spaces', 'my notes', 'my%20notes'],
  ['with emoji', 'notes 📝', 'notes%20%F0%9F%93%9D'],
  ['with a percent sign', '100%25', '%31%30%30%25'],
  ['that is percent-encoded twice', 'a%252Fb', '%61%252Fb'],
])('[YWS8] [RUN6] a name %s is one document, however it is written', async (_, stock, raw) => {
  using writer = await new StockClient({ url: server.yjs, document: stock }).synced();
  writer.text.insert(0, 'hello');
  using reader = await RawClient.join(server.yjs, raw);
  await until('the reader has it', () => reader.text() === 'hello');
});

it('[YWS8] a name is percent-decoded once and not twice', async () => {
  using writer = await new StockClient({ url: server.yjs, document: 'once%252Fonly' }).synced();
  writer.text.insert(0, 'hello');
  using same = await RawClient.join(server.yjs, 'once%252Fonly');
  await until('it is there', () => same.text() === 'hello');
  for (const other of ['once%2Fonly', 'once/only']) {
    using reader = await (await RawClient.join(server.yjs, other)).answered();
    expect(reader.text()).toBe('');
  }
});
