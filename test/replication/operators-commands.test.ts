// The commands that ask a running server, as an operator meets them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterStatus } from '@syncline/server/replication/contract.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ran, syncline } from '../support/command.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { Listener } from './listener.ts';
import { Replicas, replicateUrl } from './replicas.ts';

/** Runs a command at a server. */
function at({ http }: { http: string }, ...words: string[]): Promise<Ran> {
  return syncline([...words, '--server', http]);
}

/** Holds that it printed one sentence on standard error alone, and gives it. */
function sentenceOf({ status, stdout, stderr }: Ran): string {
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^[^\n]+[.?)]\n$/);
  return stderr.trim();
}

async function statusOf(server: { http: string }): Promise<ClusterStatus> {
  const { status, stdout, stderr } = await at(server, 'status', '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as ClusterStatus;
}

describe('a server alone', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let server: ServerProcess;

  beforeAll(async () => {
    folder = temporaryFolder();
    server = await ServerProcess.start({ data: folder.path, arguments: ['--name', 'east'] });
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('[OPR9] has a status', async () => {
    const { replica, epoch } = await statusOf(server);
    const { status, stdout, stderr } = await at(server, 'status');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const facts = [
      `replica     east ${replica}`,
      'cluster     default',
      `epoch       ${epoch}`,
      'durability  full',
    ];
    expect(stdout.split('\n').slice(0, 4)).toEqual(facts);
    expect(stdout).toMatch(/\nThere is no other replica\.\n$/);
  });

  it('[OPR9] has nobody to be compared with', async () => {
    expect(await at(server, 'verify')).toEqual({
      status: 0,
      stdout: 'There is no other replica.\n',
      stderr: '',
    });
    const { stdout } = await at(server, 'verify', 'notes', '--json');
    expect(JSON.parse(stdout)).toEqual({ links: [] });
  });

  it('[OPR9] deletes a document and lets it begin anew', async () => {
    await using anna = new SdkClient({ url: server.sync });
    const notes = anna.open('notes/to day');
    write(notes, 'hello');
    await notes.saved();
    expect(await at(server, 'delete', 'notes/to day')).toEqual({
      status: 0,
      stdout: 'notes/to day is deleted.\n',
      stderr: '',
    });
    expect(sentenceOf(await at(server, 'delete', 'notes/to day'))).toMatch(/refuses: There is nothing/);
    expect(await at(server, 'undelete', 'notes/to day')).toMatchObject({
      status: 0,
      stdout: 'notes/to day begins anew.\n',
    });
    expect(sentenceOf(await at(server, 'undelete', 'notes/to day'))).toMatch(/refuses: There is nothing/);
  });

  it.each([
    [['status', 'east'], 'status takes options alone, not east.'],
    [['verify', 'a', 'b'], 'verify takes one document name at most, then options.'],
    [['delete'], 'delete takes one document name, then options.'],
    [['undelete', 'a', 'b'], 'undelete takes one document name, then options.'],
    [['peers'], 'peers takes forget and one replica, then options.'],
    [['peers', 'forget'], 'peers takes forget and one replica, then options.'],
    [['peers', 'drop', 'west'], 'peers takes forget and one replica, then options.'],
    [['peers', 'forget', 'west'], 'There is no other replica west in this cluster; see syncline status.'],
    [['peers', 'forget', 'east'], 'There is no other replica east in this cluster; see syncline status.'],
    [['status', '--jsno'], 'There is no option --jsno. Did you mean --json?'],
  ])('[OPR9] is asked %j, and answers in a sentence', async (words, sentence) => {
    expect(sentenceOf(await at(server, ...words))).toBe(sentence);
  });

  it('[OPR9] is told a name that no document has', async () => {
    const words = ['delete', 'undelete', 'verify'];
    for (const command of words)
      expect(sentenceOf(await at(server, command, 'a\u0007b'))).toMatch(/^The document name is not UTF-8/);
  });
});

describe('where no server is', () => {
  it('[OPR9] says so', async () => {
    let http: string;
    {
      await using listener = await Listener.webSocket();
      http = `http://127.0.0.1:${listener.port}`;
    }
    expect(sentenceOf(await at({ http }, 'status'))).toBe(`There is no server at ${http}: ECONNREFUSED.`);
    expect(sentenceOf(await at({ http: 'east' }, 'status'))).toMatch(/^--server is a URL such as/);
  });

  it('[OPR9] says what else answers there', async () => {
    for (const status of [200, 404]) {
      await using listener = await Listener.http(status);
      const http = `http://127.0.0.1:${listener.port}`;
      expect(sentenceOf(await at({ http }, 'status'))).toBe(
        `What answers at ${http} is no Syncline server: it answered with ${status}.`,
      );
    }
  });
});

describe('a server with tokens', () => {
  let guarded: GuardedServer;

  beforeAll(async () => (guarded = await GuardedServer.start()));
  afterAll(() => guarded[Symbol.asyncDispose]());

  it('[OPR9] is asked with a token from a file or the environment', async () => {
    const { server, key, data } = guarded;
    expect(sentenceOf(await at(server, 'status'))).toMatch(/refuses: There is no token/);
    const made = await syncline(['token', '--admin', ...key.arguments]);
    const file = join(data, 'token');
    writeFileSync(file, made.stdout, { mode: 0o600 });
    expect((await at(server, 'status', '--token-file', file)).status).toBe(0);
    const words = ['status', '--server', server.http];
    expect((await syncline(words, { SYNCLINE_TOKEN: made.stdout.trim() })).status).toBe(0);
    expect(sentenceOf(await syncline(words, { SYNCLINE_TOKEN: key.sign({ write: ['**'] }) }))).toMatch(
      /refuses: The principal has no grant for this\. \(the token has no claim admin\)$/,
    );
    expect(sentenceOf(await at(server, 'status', '--token-file', join(data, 'none')))).toMatch(
      /^The token file .*none cannot be read: ENOENT\.$/,
    );
  });
});

describe('two replicas', () => {
  it('[OPR9] are told apart, linked, and verified equal', async () => {
    await using replicas = await Replicas.start(['east', 'west']);
    const [east, west] = [replicas.of('east'), replicas.of('west')];
    await using anna = new SdkClient({ url: east.sync });
    const notes = anna.open('notes');
    write(notes, 'hello');
    await notes.saved();
    await using ben = new SdkClient({ url: west.sync });
    const same = ben.open('notes');
    await until('it is there', () => textOf(same) === 'hello');
    await until('they are verified equal', async () => (await statusOf(west)).verifiedAtMs !== undefined);
    const { stdout } = await at(west, 'status');
    expect(stdout).toMatch(new RegExp(`\\n${replicateUrl(east)}  east [\\da-f]{8}  live `));
    expect(stdout).toMatch(/\nAll 2 replicas verified equal as of \d\d:\d\d:\d\d\.\n$/);
    for (const words of [['verify'], ['verify', 'notes']]) {
      const { status, stdout: text } = await at(west, ...words);
      expect([status, text]).toEqual([0, expect.stringMatching(/^east [\da-f]{8}: equal\n$/)]);
    }
    expect(sentenceOf(await at(west, 'peers', 'forget', 'east'))).toMatch(/the replica is connected/);
  });

  it('[OPR9] are not said to be equal when one is gone, until it is forgotten', async () => {
    await using replicas = await Replicas.start(['east', 'west']);
    const [east, west] = [replicas.of('east'), replicas.of('west')];
    await until('they are linked', async () => (await statusOf(west)).links[0]?.isConnected === true);
    await east.end();
    await until('it is missed', async () => (await statusOf(west)).links[0]?.isConnected === false);
    await using anna = new SdkClient({ url: west.sync });
    const notes = anna.open('notes');
    write(notes, 'hello');
    await notes.saved();
    const { stdout } = await at(west, 'status');
    expect(stdout).toMatch(/ backoff .* nothing listens at 127\.0\.0\.1:\d+\n/);
    expect(stdout).toMatch(
      /\bIt cannot be said (of now|that all replicas are equal): east is not connected\.\n$/,
    );
    const verified = await at(west, 'verify');
    expect([verified.status, verified.stdout]).toEqual([
      1,
      expect.stringMatching(/^east [\da-f]{8}: unreachable\n$/),
    ]);
    const { status, stdout: said } = await at(west, 'peers', 'forget', 'east');
    expect([status, said]).toEqual([0, expect.stringMatching(/^east [\da-f]{32} is forgotten\.\n$/)]);
    expect((await statusOf(west)).replicas).toMatchObject([{ name: 'west' }]);
  });

  it('[OPR8] delete a document on both', async () => {
    await using replicas = await Replicas.start(['east', 'west']);
    const [east, west] = [replicas.of('east'), replicas.of('west')];
    await using anna = new SdkClient({ url: east.sync });
    const notes = anna.open('notes');
    write(notes, 'hello');
    await using ben = new SdkClient({ url: west.sync });
    const same = ben.open('notes');
    await until('it is there', () => textOf(same) === 'hello');
    expect((await at(west, 'delete', 'notes')).status).toBe(0);
    await until('the other side is told', () => notes.status.downloads.state === 'refused');
    expect((await at(east, 'undelete', 'notes')).status).toBe(0);
    await using carl = new SdkClient({ url: west.sync });
    await until('it has begun anew there', async () => {
      const again = carl.open('notes');
      await again.synced().catch(() => {});
      const isOpen = again.status.downloads.state === 'current';
      if (!isOpen) again.close();
      return isOpen;
    });
    expect(textOf(carl.open('notes'))).toBe('');
  });
});
