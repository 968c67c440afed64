// The messages of the native protocol, as data: codec, types, PROTOCOL.md and the schema's hash come from these tables. A
// message is its type, then its fields in the order in which they stand here.

/** Grows by one with every change that an older side would misread. */
export const protocolVersion = 1;

/** What a client says. */
export const up = {
  /** The first message. `welcome` or `refused` answers it. */
  hello: { type: 0, fields: { lowestVersion: 'uint', highestVersion: 'uint', token: 'text' } },
  /**
   * Opens a document under a number of the client's choice, from 1 on. `engine` is that in whose words the client speaks of it: `yjs`
   * or `automerge`. `incarnation` is that of what the client has of it, 0 if it never had anything from a server. With a resume
   * position, what was committed after it follows, or `expired`; without one the client says with `compare` what it holds.
   */
  open: {
    type: 1,
    fields: { channel: 'uint', document: 'text', engine: 'text', incarnation: 'uint', resume: 'resume' },
  },
  /**
   * What the client holds: a state vector and the hash of its deletions, or a heads request. `answer` and what is lacking there
   * follow; what is lacking here is asked for.
   */
  compare: { type: 2, fields: { channel: 'uint', request: 'bytes', deletions: 'bytes' } },
  /** Updates under a number of the client's choice; `stored` names it when all of them are on the disk. */
  updates: { type: 3, fields: { channel: 'uint', batch: 'uint', updates: 'updates' } },
  /** Asks for another `caughtUp` with a digest. */
  verify: { type: 4, fields: { channel: 'uint' } },
  presence: { type: 5, fields: { channel: 'uint', entries: 'presence' } },
  /** The document is of no more interest. Its number is not to be used again on this connection. */
  close: { type: 6, fields: { channel: 'uint' } },
  /** A sign of life. `pong` answers it. */
  ping: { type: 7, fields: {} },
  /** A new token for the same principal, before the old one expires. `renewed` or `refused` answers it. */
  renew: { type: 8, fields: { token: 'text' } },
  /**
   * The client wants to know when so many replicas, the server's among them, hold everything up to a sequence that `stored` or
   * `caughtUp` named. `replicated` answers it, and until then `awaiting`.
   */
  confirm: { type: 9, fields: { channel: 'uint', sequence: 'uint', replicas: 'uint' } },
  /**
   * To all others that have the document open: passed on at once and stored nowhere. `count` grows with every message of a
   * sender's session.
   */
  ephemeral: {
    type: 10,
    fields: { channel: 'uint', sender: 'text', session: 'text', count: 'uint', data: 'bytes' },
  },
} as const;

/** What a server says. */
export const down = {
  /**
   * `durability` is what `stored` survives: `full` a power cut, `normal` the end of the process. Frames larger than
   * `maxFrameBytes` are refused. The token expires in `expiresInMs`, never if that is 0.
   */
  welcome: {
    type: 0,
    fields: {
      version: 'uint',
      replica: 'bytes',
      epoch: 'bytes',
      durability: 'text',
      maxFrameBytes: 'uint',
      expiresInMs: 'uint',
    },
  },
  /** An answer begins, of at most about so many bytes. */
  answer: { type: 1, fields: { channel: 'uint', bytes: 'uint' } },
  /** The resume position is of no use here: the client is to say with `compare` what it holds. */
  expired: { type: 2, fields: { channel: 'uint' } },
  /**
   * Committed updates of others. With `position` 0 they are part of an answer; else everything of the document up to that
   * sequence has been sent, but for what the client sent itself.
   */
  updates: { type: 3, fields: { channel: 'uint', position: 'uint', updates: 'updates' } },
  /**
   * Everything of the document up to `position` has been sent. The digest is that of what the document held there, empty
   * while that is not known.
   */
  caughtUp: { type: 4, fields: { channel: 'uint', position: 'uint', digest: 'bytes' } },
  /**
   * The batches from one number through another are committed, at the durability that `welcome` named and at the latest at
   * `sequence`. `position` is as in `updates`, 0 while an answer is under way.
   */
  stored: {
    type: 5,
    fields: { channel: 'uint', from: 'uint', through: 'uint', sequence: 'uint', position: 'uint' },
  },
  /** The commit of these batches has failed, and they are to be sent again. */
  again: { type: 6, fields: { channel: 'uint', from: 'uint', through: 'uint' } },
  /** Something is missing here: all that a holder with this request lacks is to be sent. */
  ask: { type: 7, fields: { channel: 'uint', request: 'bytes' } },
  presence: { type: 8, fields: { channel: 'uint', entries: 'presence' } },
  /** The channel is over; channel 0 is the connection. `code` is one of the error table. */
  refused: { type: 9, fields: { channel: 'uint', code: 'text', detail: 'text' } },
  /** A sign of life, unasked for as well. */
  pong: { type: 10, fields: {} },
  /** `read`: the document may be read alone, and updates are not taken. `write`, which is not said at first: they are. */
  access: { type: 11, fields: { channel: 'uint', level: 'text' } },
  /** The new token is accepted, and expires in `expiresInMs`, never if that is 0. */
  renewed: { type: 12, fields: { expiresInMs: 'uint' } },
  /** So many replicas hold everything up to this sequence: each has it on its disk, at the durability that it runs with. */
  replicated: { type: 13, fields: { channel: 'uint', sequence: 'uint', replicas: 'uint' } },
  /** These do not yet, by what they are called; said again whenever they are others. */
  awaiting: {
    type: 14,
    fields: { channel: 'uint', sequence: 'uint', replicas: 'uint', names: 'texts' },
  },
  /** The document is in this incarnation; not said of the first. Comes before anything else of it. */
  incarnation: { type: 15, fields: { channel: 'uint', incarnation: 'uint' } },
  /** What another says to all who have the document open, as it was said. */
  ephemeral: {
    type: 16,
    fields: { channel: 'uint', sender: 'text', session: 'text', count: 'uint', data: 'bytes' },
  },
} as const;
