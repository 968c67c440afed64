// The contract of a journal about its digest tree: that of its documents as they are, whatever way they took.
import { DigestTree, leafOf, sumBytes } from '@syncline/server/digest/tree.ts';
import type { Journal } from '@syncline/server/port/journal.ts';
import { documentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { SeededRandom } from '../support/random.ts';
import { until } from '../support/until.ts';
import { bury, bytes, draft, follow, type InJournal, name } from './journal-drafts.ts';

const names = Array.from({ length: 40 }, (_, index) => documentName(`notes/${index}`));

export function treeContract(inJournal: InJournal): void {
  it('[TRE1] sums are those of the documents as they are, and of the head', () =>
    inJournal(async (journal) => {
      await built(journal);
      const random = new SeededRandom(1);
      for (let step = 0; step < 120; step++) await change(journal, random, step);
      const { kept, made } = await bothWays(journal);
      expect(kept).toEqual(made);
    }));

  it('[TRE1] sums that are asked for only now are the same', () =>
    inJournal(async (journal) => {
      const random = new SeededRandom(1);
      for (let step = 0; step < 120; step++) await change(journal, random, step);
      const { kept, made } = await bothWays(journal);
      expect(kept).toEqual(made);
    }));

  it('[TRE2] a change of one document changes the root, its branch and its leaf, and nothing else', () =>
    inJournal(async (journal) => {
      for (const each of names) await follow(journal, {}, each);
      const before = await all(journal);
      await follow(journal, { fill: 2 }, names[7]);
      const after = await all(journal);
      const leaf = leafOf(names[7]!);
      expect(different(before.root, after.root)).toEqual([0]);
      expect(different(before.branches, after.branches)).toEqual([leaf >>> 8]);
      expect(different(before.leaves, after.leaves)).toEqual([leaf]);
    }));

  it('[TRE3] a deletion and a new beginning count, and an update that leaves the digest as it is does not', () =>
    inJournal(async (journal) => {
      const roots = new Set<string>();
      const note = async () => roots.add(Buffer.from(await built(journal)).toString('hex'));
      await note();
      await follow(journal);
      await note();
      await bury(journal);
      await note();
      await follow(journal, { incarnation: 2 });
      await note();
      expect(roots.size).toBe(4);
      await follow(journal);
      await note();
      expect(roots.size).toBe(4);
    }));

  it('[TRE3] a compaction counts when it changes the digest, and only then', () =>
    inJournal(async (journal) => {
      const { document, sequence: through } = await follow(journal);
      const root = await built(journal);
      const replacement = {
        document,
        incarnation: 1,
        through,
        version: bytes(1),
        chunks: [],
        quarantined: [],
      };
      await journal.replace({ ...replacement, digest: undefined });
      expect(await built(journal)).toEqual(root);
      await journal.replace({ ...replacement, digest: new Uint8Array(16).fill(3) });
      expect(await built(journal)).not.toEqual(root);
      const { kept, made } = await bothWays(journal);
      expect(kept).toEqual(made);
    }));

  it('[TRE5] a commit that fails leaves the sums as they were', () =>
    inJournal(async (journal) => {
      await follow(journal);
      const root = await built(journal);
      const head = (await journal.head(name))!;
      const outcomes = await Promise.allSettled([
        journal.append(name, () => draft({ document: head.document, previous: head.sequence, fill: 8 })),
        journal.append(names[0]!, () => draft({ previous: 9 })),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(await built(journal)).toEqual(root);
    }));
}

/** The root, as soon as there is one. */
async function built(journal: Journal): Promise<Uint8Array> {
  let root: Uint8Array | undefined;
  await until('the tree is built', async () => {
    root = (await journal.sums('root'))?.sums;
    return root !== undefined;
  });
  return root!;
}

async function all(journal: Journal) {
  const root = await built(journal);
  const branches = (await journal.sums('branches'))!.sums;
  const pages: Uint8Array[] = [];
  for (let branch = 0; branch < 256; branch++) pages.push((await journal.sums(branch))!.sums);
  return { root, branches, leaves: Buffer.concat(pages) };
}

/** What the sums are, and what they have to be. */
async function bothWays(journal: Journal) {
  const kept = await all(journal);
  const { listings, head } = await journal.feed(0, 1_000);
  const tree = new DigestTree(journal.digestKey);
  for (const listing of listings.toSorted((a, b) => (a.name < b.name ? -1 : 1))) tree.add(listing);
  const leaves = Buffer.concat(Array.from({ length: 256 }, (_, branch) => tree.sums(branch)));
  const made = { root: tree.sums('root'), branches: tree.sums('branches'), leaves, head };
  return { kept: { ...kept, head: (await journal.sums('root'))?.head }, made };
}

/** The numbers of the sums that are not the same. */
function different(before: Uint8Array, after: Uint8Array): number[] {
  const numbers = Array.from({ length: before.length / sumBytes }, (_, index) => index);
  const sum = (sums: Uint8Array, index: number) =>
    sums.subarray(index * sumBytes, (index + 1) * sumBytes).join();
  return numbers.filter((index) => sum(before, index) !== sum(after, index));
}

/** Something that may happen to one of the documents as it is. */
async function change(journal: Journal, random: SeededRandom, step: number): Promise<void> {
  const of = random.pick(names);
  const [listing] = await journal.listings([of]);
  if (listing?.isDeleted) await follow(journal, { incarnation: listing.incarnation + 1, fill: step }, of);
  else if (random.oneIn(4)) await bury(journal, {}, of);
  else await follow(journal, { fill: step }, of);
}
