// Every bound of the socket edge, with its unit and its reason.

/** With `socketSweepMs` this is the 15 s that the native protocol promises; stock clients close a socket without data after 30 s. */
export const keepAliveMs = 12_500;

/** How often all sockets are looked at; keep-alives are at most this late. */
export const socketSweepMs = 2_500;

/** A client that has said nothing for this long is pinged, and gone if it says nothing for as long again. */
export const inboundSilenceMs = 30_000;

/** Stock clients speak as soon as they are connected; a page that is frozen meanwhile connects again. */
export const speakWithinMs = 10_000;

/** A client that does not answer a close is cut off after this. */
export const closeWithinMs = 3_000;

/** Close reasons travel in a control frame of at most 125 bytes, two of them the code. */
export const maxReasonBytes = 123;

/** The largest frame read, where the option says nothing else: a document of 16 MiB in one answer. */
export const defaultMaxFrameBytes = 16 * 1024 * 1024;
