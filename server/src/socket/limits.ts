// Every bound of the socket edge, with its unit and its reason.

/** With `socketSweepMs` this is the 15 s that the native protocol promises; stock clients close a socket without data after 30 s. */
export const keepAliveMs = 12_500;

/** How often all sockets are looked at; keep-alives are at most this late. */
export const socketSweepMs = 2_500;

/** Not all at once: thousands that came together are ended together, and whoever types meanwhile would have to wait. */
export const socketSweepParts = 25;

/** A client that has said nothing for this long is pinged, and gone if it says nothing for as long again. */
export const inboundSilenceMs = 30_000;

/** Stock clients speak as soon as they are connected; a page that is frozen meanwhile connects again. */
export const speakWithinMs = 10_000;

/** A replica that is there opens a WebSocket within one round trip; one that is not is tried again soon enough. */
export const dialWithinMs = 10_000;

/** A client that does not answer a close is cut off after this. */
export const closeWithinMs = 3_000;

/** Close reasons travel in a control frame of at most 125 bytes, two of them the code. */
export const maxReasonBytes = 123;

/** What a client may send before it is known who it is: a hello with the longest token, or a replica's proof. */
export const maxUnknownBytes = 16 * 1024;

/** An app of a thousand documents has room to grow; each costs what a connection of its own would cost in the core. */
export const defaultMaxDocumentsPerSocket = 4_096;

/** Behind a proxy all clients have one address: enough for what one process serves. */
export const defaultMaxSocketsPerAddress = 20_000;

/** The tabs and devices of one person, with a margin for a service that acts for many. */
export const defaultMaxSocketsPerPrincipal = 1_000;

/** Faster than this documents are opened only by a client that has lost its connection, or its mind. */
export const defaultMaxOpensPerSecond = 1_000;

/** A client with many documents opens them at once when it comes back: this many seconds' worth. */
export const openBurstSeconds = 10;

/** However many may come at once: one costs 0.1 ms, and whoever types would notice many of them in one go. */
export const openPace = { perSecond: 5_000, atOnce: 200 };

/** The largest frame read, where the option says nothing else: a document of 16 MiB in one answer. */
export const defaultMaxFrameBytes = 16 * 1024 * 1024;

/** What replicas send each other holds updates of clients, each as large as a client's frame may be, beside much else. */
export function maxReplicaFrameBytes(maxFrameBytes: number): number {
  return maxFrameBytes + 2 * 1024 * 1024;
}
