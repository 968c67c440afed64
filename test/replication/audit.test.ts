// An audit ends, whatever the other side answers, and says that both are equal only where they are.
import { randomBytes } from 'node:crypto';
import { branchCount, leafOf, sumBytes } from '@syncline/server/digest/tree.ts';
import {
  answerWithinMs,
  auditAfterMs,
  beatMs,
  maxAuditPauseMs,
  maxLeafDocuments,
  minAuditPauseMs,
  treeRetryMs,
  treeWithinMs,
} from '@syncline/server/replication/limits.ts';
import type { Change, Message } from '@syncline/server/replication/messages.ts';
import { expect, it } from 'vitest';
import { Author, type Core } from '../core/core.ts';
import { HandLink } from './hand-link.ts';

type Answering = HandLink['answer'];

const noSums = new Uint8Array(branchCount * sumBytes);

function entry(document: string): Change {
  const digest = randomBytes(16);
  return { document, engine: 'yjs', sequence: 1, digest, incarnation: 1, isDeleted: 0, updates: [] };
}

/** Puts documents into the journal. */
function holding(...names: readonly string[]): (core: Core) => Promise<void> {
  return async (core) => {
    for (const name of names) {
      const speaker = await core.join(name);
      await core.commit(speaker, new Author(1).type(name));
      speaker.channel.close();
    }
  };
}

/** One whose tree has these sums, and whose leaves have these documents, all of them with nothing in it. */
function tree(sumsOf: (of: number) => Uint8Array, ...entries: readonly Change[]): Answering {
  return (question: Message): Message | undefined => {
    if (question.say === 'sumsOf') return { ...question, say: 'sums', head: 1, sums: sumsOf(question.of) };
    if (question.say === 'leafOf') return { ...question, say: 'leaf', isLast: 1, entries };
    if (question.say === 'fetch')
      return { say: 'document', ticket: question.ticket, part: 0, isLast: 1, updates: [] };
    return undefined;
  };
}

/** Sums of which one differs at each level, on the way to a document. */
function towards(document: string): (of: number) => Uint8Array {
  return (of) => {
    const place = of === 0 ? leafOf(document) >>> 8 : leafOf(document) & 0xff;
    return noSums.with(place * sumBytes, 1);
  };
}

async function outcomeOf(link: HandLink, answer: Answering) {
  link.answer = answer;
  const { links } = await link.whileTimePasses(link.replication.verify());
  const [{ outcome, documents }] = links as [(typeof links)[number]];
  return { outcome, documents };
}

it('[REP43] one that is never answered ends, and the link with it', async () => {
  await using link = await HandLink.open();
  const verified = link.replication.verify();
  await link.hears('sumsOf');
  await link.pass(answerWithinMs);
  expect(await verified).toMatchObject({ links: [{ outcome: 'unreachable' }] });
  expect(await link.hears('refused')).toMatchObject({ code: 'silent' });
});

it('[REP43] one of a tree that is never built ends without a result', async () => {
  await using link = await HandLink.open();
  link.answer = tree(() => new Uint8Array(0));
  const verified = link.replication.verify();
  await link.hears('sumsOf');
  await link.pass(treeWithinMs + treeRetryMs);
  expect(await verified).toMatchObject({ links: [{ outcome: 'busy', documents: [] }] });
  expect(link.closed).toBeUndefined();
});

it('[REP43] one of a leaf without an end ends, and the link with it', async () => {
  await using link = await HandLink.open();
  let told = 0;
  const endless: Answering = (question) => {
    if (question.say !== 'leafOf') return tree(towards('notes'))(question);
    const entries = Array.from({ length: 512 }, () => entry(`document ${told++}`));
    return { ...question, say: 'leaf', isLast: 0, entries };
  };
  expect(await outcomeOf(link, endless)).toEqual({ outcome: 'unreachable', documents: [] });
  expect(told).toBeLessThanOrEqual(maxLeafDocuments + 512);
  expect(await link.hears('refused')).toMatchObject({ code: 'bad_frame' });
});

it('[REP44] sums that differ over documents that do not prove nothing', async () => {
  await using link = await HandLink.open();
  expect(await outcomeOf(link, tree(towards('notes')))).toEqual({ outcome: 'busy', documents: [] });
  expect((await link.replication.status()).links[0]).toMatchObject({ verifiedAtMs: undefined });
});

it('[REP44] a document that has another digest there, and nothing more in it, is divergent', async () => {
  await using link = await HandLink.open(holding('notes'));
  const notes = entry('notes');
  link.answer = tree(towards('notes'), notes);
  link.tells(1, [notes]);
  await link.acknowledged(1);
  await link.reads();
  expect(await outcomeOf(link, link.answer)).toEqual({ outcome: 'divergent', documents: ['notes'] });
});

it('[REP44] a document that only we have is on its way until it is acknowledged, and divergent then', async () => {
  await using link = await HandLink.open(holding('notes'));
  const answer = tree(() => noSums);
  expect(await outcomeOf(link, answer)).toEqual({ outcome: 'busy', documents: [] });
  await link.reads();
  expect(await outcomeOf(link, answer)).toEqual({ outcome: 'divergent', documents: ['notes'] });
  expect((await link.replication.status()).links[0]).toMatchObject({ divergentDocuments: 1 });
});

it('[REP44] a tree that differs everywhere is not compared: the feed is read again from its beginning', async () => {
  await using link = await HandLink.open();
  const answer = tree(() => Uint8Array.from(randomBytes(noSums.length)));
  expect(await outcomeOf(link, answer)).toMatchObject({ outcome: 'divergent' });
  expect(link.heardOf('leafOf')).toEqual([]);
  expect(await link.hears('resume', 2)).toMatchObject({
    round: 2,
    candidates: [{ position: 0, headSeen: 0 }],
  });
});

it('[REP44] a tree that differs everywhere says nothing while one of the two has still to hear of it', async () => {
  await using link = await HandLink.open(holding('notes'));
  const answer = tree(() => Uint8Array.from(randomBytes(noSums.length)));
  expect(await outcomeOf(link, answer)).toEqual({ outcome: 'busy', documents: [] });
  await link.reads();
  expect(await outcomeOf(link, answer)).toMatchObject({ outcome: 'divergent' });
});

it('[REP47] what cannot be mended is looked at again and again, after pauses that grow up to a bound', async () => {
  await using link = await HandLink.open(holding('notes'));
  const notes = entry('notes');
  link.answer = tree(towards('notes'), notes);
  link.tells(1, [notes]);
  await link.acknowledged(1);
  await link.reads();
  link.root = new Uint8Array(sumBytes).fill(1);
  const auditsMs: number[] = [];
  for (const beganMs = link.core.clock.now(); link.core.clock.now() < beganMs + 4 * maxAuditPauseMs;) {
    const before = link.heardOf('leafOf').length;
    await link.pass(beatMs);
    if (link.heardOf('leafOf').length > before) auditsMs.push(link.core.clock.now() - beganMs);
  }
  const pauses = auditsMs.slice(1).map((atMs, at) => atMs - auditsMs[at]!);
  expect(auditsMs[0]).toBeGreaterThanOrEqual(auditAfterMs);
  expect(auditsMs[0]).toBeLessThanOrEqual(auditAfterMs + 2 * beatMs);
  expect(pauses[0]).toBeLessThanOrEqual(minAuditPauseMs + beatMs);
  for (const [at, pause] of pauses.entries())
    expect(pause).toBeGreaterThanOrEqual(Math.min(minAuditPauseMs * 2 ** at, maxAuditPauseMs));
  expect(pauses.at(-1)).toBeLessThanOrEqual(maxAuditPauseMs + beatMs);
  const [status] = (await link.replication.status()).links;
  expect(status).toMatchObject({ divergentDocuments: 1, isConnected: true, verifiedAtMs: undefined });
  expect(status!.counts.auditDivergent).toBe(auditsMs.length);
});

it('[REP44] where nothing can be stored nothing is proved', async () => {
  await using link = await HandLink.open();
  link.tells(1, []);
  link.core.journal.failures = Infinity;
  const update = new Author(1).type('hello');
  const answer: Answering = (question) =>
    question.say === 'fetch'
      ? { say: 'document', ticket: question.ticket, part: 0, isLast: 1, updates: [update] }
      : tree(towards('notes'), entry('notes'))(question);
  expect(await outcomeOf(link, answer)).toEqual({ outcome: 'busy', documents: [] });
  expect(link.closed).toBeUndefined();
});
