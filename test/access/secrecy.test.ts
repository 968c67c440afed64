// Where tokens must not be seen.
import { expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { NativeClient } from '../support/native-client.ts';
import { until } from '../support/until.ts';

/** A part of a token as long as this is not there by chance. */
const partLength = 10;

it('[ACC1] no token, and no part of one, is in the log, in the metrics or in what anybody is told', async () => {
  await using guarded = await GuardedServer.start('--log', 'debug');
  const { server, key } = guarded;
  const all = { subject: 'somebody by a long name', write: ['**'] };
  const tokens = {
    good: key.sign(all),
    forged: key.forge(all),
    expired: key.sign({ ...all, expiresIn: -1 }),
    ending: key.sign({ ...all, expiresIn: 1 }),
    unsigned: key.withoutAlgorithm(all),
    garbled: `${key.sign(all)}.and.more.parts`,
    long: key.sign({ ...all, write: Array<string>(200).fill('a pattern of a document') }),
  };
  const told: string[] = [];
  for (const token of Object.values(tokens)) {
    using native = await NativeClient.connect(server.sync);
    native.say({ say: 'hello', lowestVersion: 1, highestVersion: 1, token });
    using yjs = await RawClient.join(server.yjs, `notes?token=${token}`);
    const isLetIn = token === tokens.good || token === tokens.ending;
    if (isLetIn) {
      native.open(1, 'notes');
      native.say({ say: 'renew', token: tokens.forged });
      yjs.send('not a message');
    }
    const [first, second] = await Promise.all([native.closed, yjs.closed]);
    told.push(first.reason, second.reason, JSON.stringify(native.heard));
  }
  expect((await fetch(`${server.http}/yjs/notes?token=${tokens.good}`)).status).toBe(426);
  const metrics = await (await fetch(`${server.http}/metrics`)).text();
  const log = (): string => server.log.join('\n');
  await server.end();
  await until('it has said that it stopped', () => log().includes('"stopped"'));
  for (const said of [log(), metrics, told.join('\n')]) {
    expect(said.length).toBeGreaterThan(100);
    for (const part of Object.values(tokens).flatMap(partsOf)) expect(said).not.toContain(part);
  }
});

/** The signature above all: the first part is the same for every token, and no secret. */
function partsOf(token: string): string[] {
  const [, payload = '', signature = ''] = token.split('.');
  return [payload, signature]
    .filter(({ length }) => length >= partLength)
    .flatMap((part) => [part.slice(0, partLength), part.slice(-partLength)]);
}
