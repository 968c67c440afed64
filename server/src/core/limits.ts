// Every bound of the core, with its unit and its reason. Each has a test that goes one further.

/** A reader with this much unsent keeps its position and is sent nothing more until it has drained. */
export const maxOutboxBytes = 1024 * 1024;

/** What one channel may have waiting for its commit, or for a document to be loaded, before its socket is not read. */
export const maxQueuedBytesOfChannel = 1024 * 1024;

/** Of one batch, before others are heard: a check of so much takes some 10 ms at worst. */
export const maxBytesCheckedAtOnce = 16 * 1024;

/** What all channels together may have waiting for a commit; a disk that stalls must not fill the memory. */
export const maxQueuedBytes = 64 * 1024 * 1024;

/** What a document keeps of its newest entries for readers that are a moment behind; the rest is in the log. */
export const maxRecentBytes = 64 * 1024;

/** How much a catching-up reader is handed at a time: some frames, and less than an outbox holds. */
export const pageBytes = 256 * 1024;

/** The last page of a snapshot goes out together with the tail if it is no larger: most answers are then one page. */
export const maxSingleAnswerBytes = 64 * 1024;

/** A tail up to here is sent whole to whoever asks: finding out what is lacking costs more than sending it. */
export const maxTailBytesUnfiltered = 16 * 1024;

/** A request larger than this is not kept for a reader that may fall behind; it is then sent the whole snapshot. */
export const maxRequestBytesKept = 256;

/** A document at rest for this long gives back its version and its recent entries, and goes if nobody has it open. */
export const idleMs = 3_000;

/** How often documents at rest are looked for. */
export const sweepMs = 1_000;

/** A tail of this many entries is compacted, more if the snapshot is large. */
export const minTailEntries = 500;
/** A tail of this many bytes is compacted: what a new reader is sent beside the snapshot. */
export const minTailBytes = 256 * 1024;
/** A compaction costs as the snapshot does: one entry more is waited for with every so many bytes of it. */
export const snapshotBytesPerTailEntry = 256;
/** A tail is large beside its snapshot at half its size. */
export const snapshotBytesPerTailByte = 2;
/** At rest a tail as long as this is worth a compaction: the next reader is sent one piece. */
export const minTailEntriesAtRest = 100;
/** Likewise a tail of so many bytes, if it is large beside its snapshot: what somebody brings at once is a few large entries. */
export const minTailBytesAtRest = 64 * 1024;

/** Tasks over their deadline or memory before a document is served as it is stored. */
export const maxCostlyTasks = 2;

/** After a failed commit its channels are asked for what was lost, at the earliest after this; twice as long each time. */
export const minRetryMs = 500;
/** A disk that is full stays so for minutes: asking more often than this only costs. */
export const maxRetryMs = 30_000;

/** A gap is asked for at once; while it stays, again after this, twice as long each time. */
export const minAskMs = 1_000;
/** A gap that nobody can fill is not asked for more often than this. */
export const maxAskMs = 60_000;

/** Presence of clients that say nothing ends after this; stock clients renew theirs every 15 s. */
export const presenceExpiryMs = 30_000;
/** Presence is sent on at most this often: twenty-five frames a second look smooth, whoever moves. */
export const presenceTickMs = 40;
/** A cursor, a name, a colour: hundreds of bytes. */
export const maxPresenceStateBytes = 32 * 1024;
/** A session speaks for itself, or for a handful of clients behind it. */
export const maxPresenceEntriesOfChannel = 64;
/** A pointer that is followed at sixty frames a second stays below; what is said faster waits, with all behind it. */
export const presenceRate = { perSecond: 100, atOnce: 300 };
/** What names the sender of such a message, and his session: an id, or two of them. Kept for a while, for many of them. */
export const maxEphemeralNameLength = 256;
/** Past this newcomers are not shown, and nobody is closed for it. */
export const maxPresenceEntriesOfDocument = 10_000;
/** What a session that joins is told at once. Past this, likewise. */
export const maxPresenceBytesOfDocument = 1024 * 1024;

/** A session that does not read is owed one receipt, if its numbers follow each other; this many are no accident. */
export const maxOwedReceipts = 1_000;

/** What the operator may set. */
export interface DocumentLimits {
  readonly maxUpdateBytes: number;
  readonly maxDocumentBytes: number;
}

/** As large as a frame: whoever wants less says so. */
export const defaultMaxUpdateBytes = 16 * 1024 * 1024;

/** A new reader is sent all of it, and holds up to 13 times as much in memory. */
export const defaultMaxDocumentBytes = 256 * 1024 * 1024;
