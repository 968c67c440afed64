// Who has to do with a document: whoever brings it updates, whoever has it open, and whoever waits for the outcome of a commit.
import type { SyncError } from '@syncline/shared';
import type { Engine } from '../port/engine.ts';
import type { EphemeralMember } from './ephemeral.ts';
import type { PresenceMember } from './presence-fan-out.ts';

/** Whoever brings updates. */
export interface Author {
  /**
   * Set for one that says of which incarnation its updates are. Of any other one what was buried is refused, unless it is in the
   * current incarnation as well: a client can carry it to a replica which has not heard yet that the one before has ended.
   */
  readonly saysIncarnation?: boolean;
  /** An update of this author waits for its commit. */
  queued(bytes: number): void;
  /** The commit of an update of this author has ended, one way or the other. */
  settled(bytes: number): void;
}

/** A channel as its document sees it. */
export interface Member extends PresenceMember, EphemeralMember, Author {
  /** The engine in whose words it speaks. */
  readonly engine: Engine;
  /** There is more to read. */
  advance(): void;
  /** A commit failed: what this member sent may be lost. */
  resynchronise(): void;
  /** The document is no more. */
  ended(error: SyncError): void;
}

/** Who waits for the outcome of a commit. */
export interface Outcome {
  /** The update is in the commit that begins now. */
  drafted?(): void;
  settled(isStored: boolean): void;
}

/** What an outcome that is waited for keeps in memory. */
const outcomeBytes = 64;

/** Counts the ticket of an update that is itself not kept, while it waits. */
export function charged(ticket: Outcome, author: Author): Outcome {
  author.queued(outcomeBytes);
  return {
    drafted: () => ticket.drafted?.(),
    settled: (isStored) => {
      author.settled(outcomeBytes);
      ticket.settled(isStored);
    },
  };
}
