// The source's side of an audit: sums of the digest tree, and the documents of a leaf.
import { leafCount } from '../digest/tree.ts';
import { SyncError } from '@syncline/shared';
import type { Journal } from '../port/journal.ts';
import { changeOf } from './feeder.ts';
import { pageListings } from './limits.ts';
import type { Message } from './messages.ts';

const nothing = new Uint8Array(0);

/** Rejects with `bad_frame`, or what the journal rejects with. */
export async function answerSums(
  journal: Journal,
  { audit, of }: Extract<Message, { say: 'sumsOf' }>,
): Promise<Message> {
  if (of > 256) throw new SyncError('bad_frame', `there is no branch ${of - 1}`);
  const found = await journal.sums(of === 0 ? 'branches' : of - 1);
  return { say: 'sums', audit, of, head: found?.head ?? 0, sums: found?.sums ?? nothing };
}

/** As `answerSums`. */
export async function answerLeaf(
  journal: Journal,
  { audit, leaf, after }: Extract<Message, { say: 'leafOf' }>,
): Promise<Message> {
  if (leaf >= leafCount) throw new SyncError('bad_frame', `there is no leaf ${leaf}`);
  const { listings, isLast } = await journal.leaf(leaf, after, pageListings);
  const entries = listings.map((listing) => ({ ...changeOf(listing), updates: [] }));
  return { say: 'leaf', audit, leaf, isLast: Number(isLast), entries };
}
