// What the contract's tests put into a journal.
import type { Committed, Draft, Journal, Sequence } from '@syncline/server/port/journal.ts';
import { documentName } from '@syncline/shared';

export const name = documentName('notes/1');

/** Gives a test's work a journal of its own. */
export type InJournal = (work: (journal: Journal) => Promise<void>) => Promise<void>;

export function within(open: () => Promise<Journal>): InJournal {
  return async (work) => {
    const journal = await open();
    try {
      await work(journal);
    } finally {
      await journal.stop();
    }
  };
}

export interface DraftParts extends Partial<Omit<Draft, 'digest'>> {
  /** Of the digest. */
  fill?: number;
}

export function draft({ fill: value = 1, ...parts }: DraftParts): Draft {
  const digest = new Uint8Array(16).fill(value);
  const first = { document: undefined, previous: 0, updates: [bytes(7)], incarnation: 1 };
  return { engine: 'yjs', digest, ...first, ...parts };
}

export function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

/** Appends a draft that follows the document as it is, but for what `parts` say. */
export async function follow(journal: Journal, parts: DraftParts = {}, of = name): Promise<Committed> {
  const head = await journal.head(of);
  const { document, sequence: previous = 0, incarnation = 1 } = head ?? {};
  return journal.append(of, () => draft({ document, previous, incarnation, ...parts }));
}

/** Deletes a document as it is. */
export async function bury(journal: Journal, parts: DraftParts = {}, of = name): Promise<Committed> {
  return follow(journal, { updates: [], burial: bytes(8), ...parts }, of);
}

/** Appends entries of 10 bytes one after another. */
export async function fill(
  journal: Journal,
  count: number,
): Promise<{ document: number; sequences: Sequence[] }> {
  const sequences: Sequence[] = [];
  let document: number | undefined;
  for (let index = 0; index < count; index++) {
    const previous = sequences.at(-1) ?? 0;
    const committed = await journal.append(name, () =>
      draft({ document, previous, updates: [bytes(...Array(10).fill(index))] }),
    );
    document = committed.document;
    sequences.push(committed.sequence);
  }
  return { document: document!, sequences };
}
