// What replication needs of the world around it, and what it tells of itself. Types alone.
import type { CoreContext } from '../core/context.ts';
import type { Documents } from '../core/documents.ts';
import type { Random } from '../port/clock.ts';
import type { Dialer } from '../port/dialer.ts';
import type { Secret } from '../port/secret.ts';

export interface ReplicationSettings extends CoreContext {
  readonly documents: Documents;
  readonly random: Random;
  readonly secret: Secret;
  readonly dialer: Dialer;
  /** What this replica is called, for people. */
  readonly name: string;
  /** Replicas of another cluster are refused. */
  readonly cluster: string;
  /** Where other replicas are dialed. */
  readonly peers: readonly string[];
  /** What this replica's acknowledgements survive. */
  readonly durability: 'full' | 'normal';
  /** Milliseconds since 1970, as the system has them; they may jump. For what is told to people, and for nothing else. */
  readonly wallClock: () => number;
  readonly maxFrameBytes: number;
}

/** Where a link is on its way: `linked` by another connection, which that replica dialed; `refused` until an operator acts. */
export type LinkState =
  'connecting' | 'greeting' | 'resuming' | 'auditing' | 'pulling' | 'live' | 'linked' | 'backoff' | 'refused';

export interface LinkStatus {
  /** Undefined for one that dialed us. */
  readonly url: string | undefined;
  /** 32 hexadecimal digits; undefined until it has ever been reached. */
  readonly replica: string | undefined;
  readonly name: string | undefined;
  readonly state: LinkState;
  /** Why it is where it is, in words; empty where the state says it all. */
  readonly reason: string;
  readonly isConnected: boolean;
  /** Times that a link was made again, whoever dialed, since the start of the process. */
  readonly reconnects: number;
  readonly roundTripMs: number | undefined;
  readonly sendBufferBytes: number;
  /** Of this replica's sequences, what the peer has said it has committed; undefined if that was never heard. */
  readonly ackedSequence: number | undefined;
  /** Documents whose last entry the peer has not said it has committed. */
  readonly pendingDocuments: number;
  /** Age of the oldest entry that the peer has not said it has committed, 0 if there is none. */
  readonly unconfirmedAgeMs: number;
  /** What the peer's documents and ours were found to be equal as of, milliseconds since 1970; undefined for never. */
  readonly verifiedAtMs: number | undefined;
  /** Documents in which the last audit found a difference that it could not explain by what was on its way. */
  readonly divergentDocuments: number;
  /** Documents of the peer that could not be taken in, with the code of the error. */
  readonly stuckDocuments: readonly { readonly document: string; readonly code: string }[];
  readonly counts: Readonly<Record<LinkCount, number>>;
}

/** What a link counts from the start of the process on. */
export type LinkCount =
  | 'pushSent'
  | 'pushSuppressed'
  | 'pushBehind'
  | 'pushBytes'
  | 'pullPages'
  | 'entriesEqual'
  | 'entriesFetched'
  | 'entriesCarried'
  | 'entriesDeleted'
  | 'entriesStuck'
  | 'resumeAccepted'
  | 'resumeDrained'
  | 'resumeAudit'
  | 'resumeFull'
  | 'auditEqual'
  | 'auditRepaired'
  | 'auditDivergent'
  | 'auditBusy'
  | 'auditRepairedDocuments'
  | 'auditBytes';

/** How much of a replica another one is known to hold. */
export interface HoldingStatus {
  readonly holder: string;
  readonly origin: string;
  readonly epoch: string;
  readonly sequence: number;
  /** How long ago the origin was at this sequence; grows while nothing is heard of it. */
  readonly ageMs: number;
}

export interface ReplicaStatus {
  readonly replica: string;
  readonly name: string;
}

export interface ClusterStatus {
  readonly replica: string;
  readonly name: string;
  readonly cluster: string;
  readonly epoch: string;
  readonly durability: 'full' | 'normal';
  readonly sequence: number;
  /**
   * What all documents here are, as of the last beat: the root of the digest tree, in hexadecimal. Undefined while the tree is being
   * built, and as long as no other replica was linked.
   */
  readonly root: string | undefined;
  /** Every replica that was ever heard of and not forgotten, this one first. */
  readonly replicas: readonly ReplicaStatus[];
  readonly links: readonly LinkStatus[];
  /** The newest that is known here of what each replica holds of each. */
  readonly holdings: readonly HoldingStatus[];
  /**
   * All replicas were last known to be equal as of this time, milliseconds since 1970: each said that its documents are those of all
   * others. Undefined for never since this process began.
   */
  readonly verifiedAtMs: number | undefined;
  /** Why that cannot be said of this moment; empty where it can. */
  readonly whyNotVerified: string;
  readonly regressions: number;
  readonly duplicateIdentities: number;
}

export interface VerifyOutcome {
  readonly links: readonly {
    readonly replica: string;
    readonly name: string;
    readonly outcome: 'equal' | 'repaired' | 'divergent' | 'busy' | 'unreachable';
    /** Documents that differed, at most 100 of them. */
    readonly documents: readonly string[];
  }[];
}

/** What an edge asks of replication; the class `Replication` of replication.ts is one. */
export interface ReplicationControl {
  status(): Promise<ClusterStatus>;
  /** Audits now, with every link; one document alone if it is named. */
  verify(document?: string): Promise<VerifyOutcome>;
  /** Forgets a replica that is gone for good. Gives whether it was known. Throws `forbidden` if it is connected. */
  forget(replica: string): Promise<boolean>;
}
