// The contract of a journal about its lists: by change, by name, and by leaf of the digest tree.
import { leafOf } from '@syncline/server/digest/tree.ts';
import type { Journal, Listing } from '@syncline/server/port/journal.ts';
import { documentName, type DocumentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { bury, follow, type InJournal } from './journal-drafts.ts';

export function listingContract(inJournal: InJournal): void {
  it('[JRN13] the feed gives every document once, at its last change, in pages, with the head', () =>
    inJournal(async (journal) => {
      expect(await journal.feed(0, 10)).toEqual({ listings: [], head: 0 });
      await commit(journal, ['a', 'b', 'c', 'd', 'b', 'a']);
      await bury(journal, {}, documentName('c'));
      const first = await journal.feed(0, 3);
      expect(inShort(first.listings)).toEqual(['d 4', 'b 5', 'a 6']);
      expect(first.head).toBe(7);
      const second = await journal.feed(6, 3);
      expect(inShort(second.listings)).toEqual(['c 7']);
      expect(second.listings[0]).toMatchObject({ incarnation: 1, isDeleted: true, engine: 'yjs' });
      expect(await journal.feed(7, 3)).toEqual({ listings: [], head: 7 });
      expect(await Promise.all([0, 4, 7].map((sequence) => journal.countAfter(sequence)))).toEqual([4, 3, 0]);
    }));

  it('[JRN14] documents are listed by their names, in the order that was asked for', () =>
    inJournal(async (journal) => {
      await commit(journal, ['a', 'b']);
      await follow(journal, { fill: 9 }, documentName('a'));
      const names = ['b', 'x', 'a'].map(documentName);
      const [b, x, a] = await journal.listings(names);
      expect(x).toBeUndefined();
      expect(inShort([b!, a!])).toEqual(['b 2', 'a 3']);
      expect([...a!.digest]).toEqual(Array(16).fill(9));
      expect(a).toMatchObject({ engine: 'yjs', incarnation: 1, isDeleted: false });
      expect(await journal.listings([])).toEqual([]);
    }));

  it('[JRN21] an Automerge document is found by what it is called where names are 16 bytes', () =>
    inJournal(async (journal) => {
      const [todo, plan] = ['todo', 'plan'].map(documentName) as [DocumentName, DocumentName];
      await follow(journal, { engine: 'automerge' }, todo);
      await follow(journal, { engine: 'automerge' }, todo);
      await follow(journal, {}, plan);
      // The SHA-256 of "todo" and of "plan", as sha256sum gives them.
      expect(
        await journal.named(Uint8Array.from(Buffer.from('602fae580f5863abfb31bf356decfdc7', 'hex'))),
      ).toBe(todo);
      expect(
        await journal.named(Uint8Array.from(Buffer.from('64879f7d6b960a01909762d911a32d45', 'hex'))),
      ).toBeUndefined();
    }));

  it('[JRN14] documents of a leaf are listed in the order of their names as UTF-8, in pages', () =>
    inJournal(async (journal) => {
      const leaf = leafOf('a');
      // The order of UTF-16 would be another: U+FF5E comes after the surrogates of the third.
      const names = ['a', ...namesOf(leaf, 'b'), ...namesOf(leaf, '～'), ...namesOf(leaf, '👋')];
      await commit(journal, [...names.toReversed(), 'elsewhere']);
      const listed: string[] = [];
      for (let isLast = false; !isLast;) {
        const page = await journal.leaf(leaf, listed.at(-1) ?? '', 2);
        expect(page.listings.length).toBe(page.isLast ? 1 : 2);
        listed.push(...page.listings.map(({ name }) => name));
        ({ isLast } = page);
      }
      expect(listed).toEqual(names);
      expect(await journal.leaf(leaf, '', names.length)).toMatchObject({ isLast: true });
      expect(await journal.leaf((leaf + 1) % 65_536, '', 9)).toEqual({ listings: [], isLast: true });
    }));
}

async function commit(journal: Journal, names: readonly string[]): Promise<void> {
  for (const each of names) await follow(journal, {}, documentName(each));
}

function inShort(listings: readonly Listing[]): string[] {
  return listings.map(({ name, sequence }) => `${name} ${sequence}`);
}

/** Two names of a leaf with that beginning, in their order; found by trying. */
function namesOf(leaf: number, beginning: string): string[] {
  const names: string[] = [];
  for (let number = 1_000_000; names.length < 2; number++) {
    if (leafOf(`${beginning}${number}`) === leaf) names.push(`${beginning}${number}`);
  }
  return names;
}
