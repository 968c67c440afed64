// The messages between two replicas, as data: codec, types and PROTOCOL.md come from this table. Both sides say all of them,
// for each is a source to the other and a sink of it.
import {
  type Codec,
  createCodec,
  fieldCodecs,
  type FieldTypes,
  list,
  type MessageOf,
  record,
} from '@syncline/shared';

/** Grows by one with every change that an older side would misread. */
export const replicationVersion = 1;

export const between = {
  /** The first message of either side; whoever dialed speaks first. `nonce` is 32 bytes that were never used before. */
  hello: {
    type: 0,
    fields: {
      lowestVersion: 'uint',
      highestVersion: 'uint',
      cluster: 'text',
      replica: 'bytes',
      epoch: 'bytes',
      name: 'text',
      durability: 'text',
      maxFrameBytes: 'uint',
      nonce: 'bytes',
    },
  },
  /** Says that its sender has the cluster's secret: made of both hellos as they were sent. */
  proof: { type: 1, fields: { proof: 'bytes' } },
  /** The link is over. `code` is one of the error table. */
  refused: { type: 2, fields: { code: 'text', detail: 'text' } },
  /** A sink says where it has come to, best first; a candidate at position 0 is always good. Changes belong to this round. */
  resume: { type: 3, fields: { round: 'uint', candidates: 'candidates' } },
  /** The source goes on after `position`: with the candidate of this index. `head` is its last sequence. */
  resumed: { type: 4, fields: { round: 'uint', candidate: 'uint', head: 'uint' } },
  /** None of the candidates is in the source's lineage: the sink is to audit, and to resume from the head that the audit began with. */
  regressed: { type: 5, fields: { round: 'uint' } },
  /**
   * Everything of the source after `from` up to `through`, the latest of each document. An entry with updates says what was
   * added since `from`; one without is fetched where the digests differ.
   */
  changes: {
    type: 6,
    fields: { round: 'uint', from: 'uint', through: 'uint', head: 'uint', entries: 'changes' },
  },
  /**
   * What was told up to `through` is committed at the sink. It holds everything that the source had up to `held`, 0 if that is not
   * known: a page leaves out what has changed again behind it, and some documents may not be taken in.
   */
  ack: { type: 7, fields: { epoch: 'bytes', through: 'uint', held: 'uint' } },
  /** The sink wants what its request lacks of a document. */
  fetch: { type: 8, fields: { ticket: 'uint', document: 'text', incarnation: 'uint', request: 'bytes' } },
  /** A part of what was fetched, counted from 0. With the last one the document is complete as of when it was sent. */
  document: {
    type: 9,
    fields: { ticket: 'uint', part: 'uint', isLast: 'uint', updates: 'updates' },
  },
  /** What was fetched cannot be given: the document is in another life by now, or cannot be read. */
  unavailable: { type: 10, fields: { ticket: 'uint', code: 'text' } },
  /**
   * Said every few seconds, whether or not anything happens. `echo` is the number of the last beat heard, `echoMs` how long ago
   * that was. The first of the replicas is its sender, whose root is of the digest tree at `rootHead`. In the round in which it tells
   * of its changes it has told up to `told`; both are 0 while it waits for `resume`.
   */
  beat: {
    type: 11,
    fields: {
      number: 'uint',
      echo: 'uint',
      echoMs: 'uint',
      head: 'uint',
      rootHead: 'uint',
      round: 'uint',
      told: 'uint',
      replicas: 'replicas',
    },
  },
  /** Asks for sums of the digest tree: 0 for its branches, one more than its number for the leaves of a branch. */
  sumsOf: { type: 12, fields: { audit: 'uint', of: 'uint' } },
  /** The sums at a head; none while the tree is being built. */
  sums: { type: 13, fields: { audit: 'uint', of: 'uint', head: 'uint', sums: 'bytes' } },
  /** Asks for the documents of a leaf whose names come after one. */
  leafOf: { type: 14, fields: { audit: 'uint', leaf: 'uint', after: 'text' } },
  leaf: { type: 15, fields: { audit: 'uint', leaf: 'uint', isLast: 'uint', entries: 'changes' } },
  presence: { type: 16, fields: { document: 'text', entries: 'presence' } },
  /** Asks for what the incarnations of a document held that were deleted: a sink that never had it keeps that, too. */
  burialsOf: { type: 17, fields: { document: 'text' } },
  /** Their versions in the engine's encoding, the last ones that fit into a message, oldest first. */
  burials: { type: 18, fields: { document: 'text', burials: 'updates' } },
  /** What somebody says to all who have a document open: passed on once, and stored nowhere. */
  ephemeral: {
    type: 19,
    fields: { document: 'text', sender: 'text', session: 'text', count: 'uint', data: 'bytes' },
  },
} as const;

/** Where a sink has come to on a source. */
export interface Checkpoint {
  readonly epoch: Uint8Array;
  /** Everything of the source up to here is in the sink's documents. */
  readonly position: number;
  /** The source's head when what the position covers was read. */
  readonly headSeen: number;
}

/** One document of a source. */
export interface Change {
  readonly document: string;
  readonly engine: string;
  readonly sequence: number;
  readonly digest: Uint8Array;
  readonly incarnation: number;
  readonly isDeleted: number;
  readonly updates: readonly Uint8Array[];
}

/** How much of an origin a holder holds. */
export interface Holding {
  readonly origin: Uint8Array;
  readonly epoch: Uint8Array;
  readonly sequence: number;
  /** How long ago the origin was there. */
  readonly ageMs: number;
}

/** What a replica said of itself, or what was heard of it from another one. */
export interface ReplicaReport {
  readonly replica: Uint8Array;
  readonly name: string;
  /** How long ago it said so. */
  readonly ageMs: number;
  /** The root of its digest tree; empty if that was not known. */
  readonly root: Uint8Array;
  readonly holdings: readonly Holding[];
}

interface ReplicationTypes extends FieldTypes {
  candidates: readonly Checkpoint[];
  changes: readonly Change[];
  replicas: readonly ReplicaReport[];
}

export type Message = MessageOf<typeof between, ReplicationTypes>;

const { uint, text, bytes, updates } = fieldCodecs;

const holding = record<Holding>({ origin: bytes, epoch: bytes, sequence: uint, ageMs: uint });

export const messageCodec: Codec<Message> = createCodec<Message>(between, {
  ...fieldCodecs,
  candidates: list(record<Checkpoint>({ epoch: bytes, position: uint, headSeen: uint })),
  changes: list(
    record<Change>({
      document: text,
      engine: text,
      sequence: uint,
      digest: bytes,
      incarnation: uint,
      isDeleted: uint,
      updates,
    }),
  ),
  replicas: list(
    record<ReplicaReport>({ replica: bytes, name: text, ageMs: uint, root: bytes, holdings: list(holding) }),
  ),
});
