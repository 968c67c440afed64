// What may be committed on top of what: the one rule that every journal holds a draft to.
import type { Draft } from '../port/journal.ts';

/** A document as a draft finds it. */
export interface Standing {
  readonly id: number;
  readonly sequence: number;
  readonly incarnation: number;
  readonly isDeleted: boolean;
}

/** What of a draft decides whether it may be committed. */
export type Succession = Pick<Draft, 'document' | 'previous' | 'incarnation'> & {
  readonly isBurial: boolean;
};

/**
 * Whether a draft follows the document as it is, undefined for a name that has none. A deletion that comes from another
 * replica may be of an incarnation that never was here; a document begins anew only one after the last that was deleted.
 */
export function follows(
  standing: Standing | undefined,
  { document, previous, incarnation, isBurial }: Succession,
): boolean {
  if (standing?.id !== document || (standing?.sequence ?? 0) !== previous) return false;
  if (isBurial) return incarnation >= (standing?.incarnation ?? 1);
  if (standing === undefined) return incarnation === 1;
  return incarnation === standing.incarnation + (standing.isDeleted ? 1 : 0);
}
