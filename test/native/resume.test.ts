import { cpSync, rmSync } from 'node:fs';
import { minTailEntriesAtRest } from '@syncline/server/core/limits.ts';
import type { ResumePosition } from '@syncline/shared';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { Author } from '../core/core.ts';
import { metric } from '../support/metric.ts';
import { fingerprintOf, NativeClient } from '../support/native-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const name = 'notes';

/** Sends each as a batch of its own, and each only when the one before it is stored: as many commits. */
async function store(client: NativeClient, updates: readonly Uint8Array[], channel = 1): Promise<void> {
  const before = client.of('stored', channel).length;
  for (const [index, update] of updates.entries()) {
    client.updates(channel, before + index + 1, update);
    await client.hears('stored', before + index + 1, channel);
  }
}

/** Opens the document with a position; gives whether that was of use, once everything has come. */
async function resumes(client: NativeClient, resume: ResumePosition): Promise<boolean> {
  client.open(1, name, resume);
  await until('an answer', () => client.of('caughtUp').length + client.of('expired').length > 0);
  await client.roundTrip();
  return client.of('expired').length === 0;
}

/** A position that is known from an earlier connection. */
function lastPosition(client: NativeClient): ResumePosition {
  return client.position(client.of('stored').at(-1)!.position);
}

describe('a client that comes back', () => {
  it('[NAT5] to a hundred documents in which nothing has changed costs less than 100 bytes each, both ways together', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const names = Array.from({ length: 100 }, (_, at) => `notes/${at}`);
    const authors = names.map((_, at) => new Author(1_000_000 + at));
    const positions: ResumePosition[] = [];
    {
      using client = await NativeClient.greet(server.sync);
      for (const [at, each] of names.entries()) {
        client.open(at + 1, each);
        client.compare(at + 1, new Y.Doc());
      }
      await client.hears('caughtUp', names.length);
      for (const [at, author] of authors.entries())
        client.updates(at + 1, 1, author.type('hello '.repeat(50)));
      await client.hears('stored', names.length);
      for (const [at] of names.entries()) {
        const stored = client.of('stored', at + 1)[0]!;
        expect(stored.position).toBe(stored.sequence);
        positions.push(client.position(stored.position));
      }
    }
    // Numbers in every field are as large as they become.
    using client = await NativeClient.greet(server.sync);
    const before = client.wireBytes;
    for (const [at, each] of names.entries()) client.open(at + 1, each, positions[at]);
    await client.hears('caughtUp', names.length);
    const after = client.wireBytes;
    const bytes = after.sent - before.sent + (after.received - before.received);
    console.info(`a reconnect costs ${bytes / names.length} bytes a document`);
    expect(bytes / names.length).toBeLessThan(100);
    // The messages and their headers are all there is: of 2 bytes from a server, of 6 from a client.
    expect(client.heard.map(({ say }) => say)).toEqual(['welcome', ...names.map(() => 'caughtUp')]);
    for (const [at, author] of authors.entries()) {
      const { position, digest } = client.of('caughtUp', at + 1)[0]!;
      expect(position).toBe(positions[at]!.position);
      expect(digest).toEqual(fingerprintOf(author.document));
    }
  });

  it('[NAT5] is sent what others had committed meanwhile, and no more', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const [anna, ben] = [new Author(1), new Author(2)];
    let resume: ResumePosition;
    {
      using client = await NativeClient.join(server.sync, name);
      await store(client, [anna.type('mine '), anna.type('before ')]);
      resume = lastPosition(client);
    }
    using other = await NativeClient.join(server.sync, name);
    Y.applyUpdate(ben.document, Y.encodeStateAsUpdate(anna.document));
    const missed = Array.from({ length: 20 }, (_, at) => ben.type(`${at % 10}`));
    await store(other, missed);
    using client = await NativeClient.greet(server.sync);
    expect(await resumes(client, resume)).toBe(true);
    const structs = client.updatesOf(1).flatMap((update) => Y.decodeUpdate(update).structs);
    // Of its own nothing, of the other's each clock once.
    expect(structs.every(({ id }) => id.client === 2)).toBe(true);
    expect(structs.reduce((sum, { length }) => sum + length, 0)).toBe(20);
    expect(client.of('answer')).toEqual([]);
    const doc = client.document(1, anna.document);
    expect(doc.getText('content').toJSON()).toBe('mine before 01234567890123456789');
    expect(client.of('caughtUp')[0]).toMatchObject({ position: lastPosition(other).position });
    expect(client.of('caughtUp')[0]!.digest).toEqual(fingerprintOf(doc));
    await store(other, [ben.type('!')]);
    await until('it follows', () => client.document(1, doc).getText('content').toJSON().endsWith('!'));
  });

  it('[NAT5] after the server was killed goes on where it was', async () => {
    using folder = temporaryFolder();
    await using first = await ServerProcess.start({ data: folder.path });
    const anna = new Author(1);
    using client = await NativeClient.join(first.sync, name);
    await store(client, [anna.type('hello')]);
    const resume = lastPosition(client);
    await first.end('SIGKILL');
    await using second = await first.restart();
    using back = await NativeClient.greet(second.sync);
    expect(await resumes(back, resume)).toBe(true);
    expect(back.of('updates')).toEqual([]);
    expect(back.of('caughtUp')[0]!.digest).toEqual(fingerprintOf(anna.document));
  });

  it('[NAT5] to a document that was never written to is at its end', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    using client = await NativeClient.greet(server.sync);
    expect(await resumes(client, client.position(0))).toBe(true);
    expect(client.of('caughtUp')[0]).toMatchObject({ position: 0, digest: new Uint8Array(16) });
  });
});

describe('a position', () => {
  it('[NAT6] of another replica, of an unknown epoch, and beyond what was committed is of no use', async () => {
    using folder = temporaryFolder();
    using otherFolder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    await using otherServer = await ServerProcess.start({ data: otherFolder.path });
    const anna = new Author(1);
    using writer = await NativeClient.join(server.sync, name);
    await store(writer, [anna.type('hello'), anna.type(', world')]);
    using elsewhere = await NativeClient.join(otherServer.sync, name);
    await store(elsewhere, anna.updates);
    const good = lastPosition(writer);
    const positions = {
      'of another replica': lastPosition(elsewhere),
      'of an unknown epoch': { ...good, epoch: elsewhere.of('welcome')[0]!.epoch },
      'beyond the document': writer.position(good.position + 1),
      'with a head that was never reached': writer.position(good.position, good.position + 1),
    };
    for (const [what, resume] of Object.entries(positions)) {
      using client = await NativeClient.greet(server.sync);
      expect([what, await resumes(client, resume)]).toEqual([what, false]);
      expect(client.of('updates')).toEqual([]);
      // What it holds is all there is: it says so, and the two agree.
      client.compare(1, anna.document);
      const { position, digest } = await client.hears('caughtUp');
      expect([position, digest]).toEqual([good.position, fingerprintOf(anna.document)]);
    }
    using client = await NativeClient.greet(server.sync);
    expect(await resumes(client, good)).toBe(true);
  });

  it('[NAT6] that the server has reached, and an older copy of its folder has not, is of no use there', async () => {
    using folder = temporaryFolder();
    using backup = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const anna = new Author(1);
    using client = await NativeClient.join(server.sync, name);
    await store(client, [anna.type('kept')]);
    const kept = lastPosition(client);
    cpSync(folder.path, backup.path, { recursive: true });
    await store(client, [anna.type(', lost'), anna.type(', too')]);
    const [lost] = client.of('stored').slice(1);
    await server.end('SIGKILL');
    await using later = await server.restart();
    using again = await NativeClient.greet(later.sync);
    const known = again.position(kept.position);
    await later.end('SIGKILL');

    rmSync(folder.path, { recursive: true });
    cpSync(backup.path, folder.path, { recursive: true });
    await using restored = await ServerProcess.start({ data: folder.path });
    // Somebody writes other things under the numbers that were lost.
    const ben = new Author(2);
    using other = await NativeClient.join(restored.sync, name);
    await store(
      other,
      ['another', ' and', ' one more'].map((typed) => ben.type(typed)),
    );
    const uses = {
      'what is in the copy': [kept, true],
      'more than is in it': [client.position(lost!.position), false],
      'what is in it, having heard of more': [client.position(kept.position, lost!.sequence), false],
      'an epoch that began after it': [known, false],
    } as const;
    for (const [what, [resume, isOfUse]] of Object.entries(uses)) {
      using back = await NativeClient.greet(restored.sync);
      expect([what, await resumes(back, resume)]).toEqual([what, isOfUse]);
    }
  });

  it('[NAT6] behind which the log has been compacted is of no use', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const anna = new Author(1);
    using writer = await NativeClient.join(server.sync, name);
    await store(writer, [anna.type('first')]);
    const early = lastPosition(writer);
    await store(
      writer,
      Array.from({ length: minTailEntriesAtRest }, () => anna.type('.')),
    );
    const late = lastPosition(writer);
    await until(
      'the log is compacted',
      async () => (await metric(server, 'compactions_total{outcome="done"}')) > 0,
    );
    using behind = await NativeClient.greet(server.sync);
    expect(await resumes(behind, early)).toBe(false);
    using client = await NativeClient.greet(server.sync);
    expect(await resumes(client, late)).toBe(true);
    expect(client.of('updates')).toEqual([]);
    expect(client.of('caughtUp')[0]!.digest).toEqual(fingerprintOf(anna.document));
  });
});
