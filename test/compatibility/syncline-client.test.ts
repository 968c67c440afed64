// The client SDK with documents of each engine against a real server, in the scenarios that stock clients of other protocols go
// through. What a title says in front of its second colon is a column of docs/compatibility.md.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../client/package.json' with { type: 'json' };
import { GuardedServer } from '../support/guarded-server.ts';
import { linesOf } from '../support/lines.ts';
import { LinkProxy } from '../support/link-proxy.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const version = manifest.version.split('.', 2).join('.');
const largeBytes = 5_000_000;
const lineBytes = 1_000;

describe.each(Object.entries(linesOf))('%s', (name, Lines) => {
  const client = `${name} ${version}`;
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

  it(`[SDK1] ${client}: join, edit both ways: two write, and a third is sent all of it`, async () => {
    const settings = { url: server.sync, document: 'notes/joined' };
    await using anna = new Lines({ ...settings, begins: true });
    anna.add('anna');
    await anna.document.saved();
    await using ben = await new Lines(settings).synced();
    expect(ben.all).toEqual(['anna']);
    ben.add('ben');
    await anna.has('anna', 'ben');
    await ben.document.saved();
    await using cleo = await new Lines(settings).synced();
    expect(cleo.all).toEqual(['anna', 'ben']);
  });

  it(`[SDK7] ${client}: presence both ways: is seen, and ends with its client`, async () => {
    const settings = { url: server.sync, document: 'notes/seen' };
    await using anna = await new Lines(settings).synced();
    const ben = await new Lines(settings).synced();
    anna.document.presence.setLocalStateField('user', { name: 'Anna' });
    ben.document.presence.setLocalStateField('user', { name: 'Ben' });
    const isSeen = (state: unknown): boolean => JSON.stringify(state ?? {}).includes('user');
    await until('they see each other', () => isSeen(anna.stateOf(ben)) && isSeen(ben.stateOf(anna)));
    expect(anna.stateOf(ben)).toEqual({ user: { name: 'Ben' } });
    expect(ben.stateOf(anna)).toEqual({ user: { name: 'Anna' } });
    await ben[Symbol.asyncDispose]();
    await until('anna sees ben no more', () => anna.stateOf(ben) === undefined);
  });

  it(`[SDK2] ${client}: offline edits and reconnect: what both sides wrote is exchanged`, async () => {
    await using link = await LinkProxy.open({ port: () => server.port });
    const document = 'notes/apart';
    await using anna = new Lines({ url: `ws://127.0.0.1:${link.port}/sync`, document, begins: true });
    await anna.document.saved();
    await using ben = await new Lines({ url: server.sync, document }).synced();
    link.cut();
    await anna.app.reaches('waiting');
    anna.add('anna 1', 'anna 2');
    ben.add('ben');
    await ben.document.saved();
    expect([anna.all, ben.all]).toEqual([['anna 1', 'anna 2'], ['ben']]);
    link.heal();
    for (const each of [anna, ben]) await each.has('anna 1', 'anna 2', 'ben');
    await anna.document.saved();
    expect(anna.all).toEqual(ben.all);
  });

  it(`[SDK3] ${client}: server SIGKILL and restart: what was written is there, before and meanwhile`, async () => {
    using own = temporaryFolder();
    const killed = await ServerProcess.start({ data: own.path });
    const settings = { url: killed.sync, document: 'notes/kept' };
    await using anna = new Lines({ ...settings, begins: true });
    anna.add('before');
    await anna.document.saved();
    await killed.end('SIGKILL');
    await anna.app.reaches('waiting');
    anna.add('meanwhile');
    await using again = await killed.restart();
    await anna.document.saved();
    await using ben = await new Lines({ ...settings, url: again.sync }).synced();
    expect(ben.all).toEqual(['before', 'meanwhile']);
  });

  it(`[SDK10] ${client}: 5 MB document: is taken in, and sent to who joins before and after a restart`, async () => {
    using own = temporaryFolder();
    const first = await ServerProcess.start({ data: own.path });
    const settings = { url: first.sync, document: 'notes/large' };
    await using anna = new Lines({ ...settings, begins: true });
    const lines = Array.from({ length: largeBytes / lineBytes }, (_, at) => `${at} `.padEnd(lineBytes, 'x'));
    anna.add(...lines);
    await anna.document.saved();
    await using ben = await new Lines(settings).synced();
    expect(ben.all).toEqual(lines);
    await first.end();
    await using again = await first.restart();
    await using cleo = await new Lines({ ...settings, url: again.sync }).synced();
    expect(cleo.all).toEqual(lines);
  });

  it(`[ACC4] ${client}: read-only: is sent everything, and told that what it writes is not saved`, async () => {
    await using guarded = await GuardedServer.start();
    const { key, server: lets } = guarded;
    const settings = { url: lets.sync, document: 'notes/read' };
    await using anna = new Lines({ ...settings, begins: true, token: key.sign({ write: ['notes/*'] }) });
    anna.add('anna');
    await anna.document.saved();
    const reading = { ...settings, token: key.sign({ subject: 'ben', read: ['notes/*'] }) };
    await using ben = await new Lines(reading).synced();
    expect(ben.all).toEqual(['anna']);
    ben.add('mine');
    await expect(ben.document.saved()).rejects.toMatchObject({ name: 'SyncError', code: 'forbidden' });
    anna.add('anna again');
    await ben.has('anna', 'anna again', 'mine');
    await anna.document.saved();
    await using cleo = await new Lines(reading).synced();
    expect(cleo.all).toEqual(['anna', 'anna again']);
  });
});
