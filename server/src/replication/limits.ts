// Every bound of replication, with its unit and its reason.

/** How often a replica says that it is there, how far it is and what it holds. */
export const beatMs = 5_000;
/** A beat with something new in it comes this long after the one before, at the earliest: what is held far away is known soon. */
export const minBeatMs = 200;
/** What beats may take, in bytes: those of sixty-four replicas are 130 KB, and a link that was not read has many to read. */
export const beatRate = { perSecond: 1024 * 1024, atOnce: 8 * 1024 * 1024 };
/** Three beats that did not come: the link is given up, half-open or not. */
export const maxSilenceMs = 16_000;
/** Whoever dials, or is dialed, has said who it is by then. */
export const greetWithinMs = 10_000;

/** The first pause before a replica is dialed again; then twice as long each time, with full jitter. */
export const minRedialMs = 250;
/** The longest. */
export const maxRedialMs = 15_000;
/** A replica that refused us does so until somebody acts. */
export const refusedRedialMs = 60_000;

/** Documents of a page of the feed: some 40 KB. */
export const pageListings = 512;
/** What of a source may be on its way to a sink or wait there for its commit, before the source says no more. */
export const maxUnackedBytes = 4 * 1024 * 1024;
/** Likewise, in documents. */
export const maxUnackedEntries = 4_096;
/** What an entry costs on its way beside its updates. */
export const entryBytes = 128;
/** Above all that a source may send, for what is counted otherwise at either side. */
export const floodFactor = 4;

/** Documents that a sink fetches at once from one source. */
export const maxFetches = 32;
/** Parts that were told and wait to be taken in: beyond this the link is not read. */
export const maxKeptBytes = 8 * 1024 * 1024;
/** A source of which documents are fetched, and nothing comes for this time, shows that the link is of no use. */
export const fetchWithinMs = 30_000;
/** So does one that tells of others for this time, and not of one that was asked for. */
export const fetchBehindOthersMs = 600_000;
/** Fetches that a source works on at once, for one sink. */
export const maxAnswers = 8;

/** Commits that are kept with their updates for sinks that are a moment behind. */
export const maxRecentCommits = 2_048;
/** Likewise, in bytes of memory. */
export const maxRecentBytes = 1024 * 1024;

/** Points at which a sink had read everything of a source that are remembered, each twice as old as the one before. */
export const drainedPoints = 16;

/** A position is written at most this often. */
export const rememberEveryMs = 100;
/** How long a position may be ahead of what is remembered of it, while nothing else is written. */
export const rememberWithinMs = 1_000;

/** Equal roots are looked for at every beat; where they differ for so long, the trees are compared. */
export const auditAfterMs = 12_000;
/** After an audit that found what cannot be mended; twice as long each time. */
export const minAuditPauseMs = 30_000;
/** The longest pause between two. */
export const maxAuditPauseMs = 600_000;
/** Leaves that differ beyond this: reading the whole feed is cheaper. */
export const maxLeavesAudited = 8_192;
/** Leaves asked for at once. */
export const maxLeavesAsked = 16;
/** A source whose tree is being built is asked again after this. */
export const treeRetryMs = 500;
/** A tree of ten million documents is built within this; an audit does not wait longer for one. */
export const treeWithinMs = 120_000;
/** A question of an audit that is not answered within this, behind all that is on its way, shows that the link is of no use. */
export const answerWithinMs = 30_000;
/** An audit that has found so much to do that it takes longer is ended with what it has found. */
export const auditWithinMs = 600_000;
/** Documents of one leaf: a thousand million of them have as many in all. */
export const maxLeafDocuments = 16_384;
/** Documents that an audit tells by name. */
export const maxNamed = 1_000;

/** Documents that cannot be taken in are tried again this often. */
export const retryStuckMs = 60_000;
/** Names of them that are kept. Beyond that the position does not move on. */
export const maxStuck = 1_000;

/** Replicas that a beat tells of. */
export const maxReplicas = 64;
/** Names and reasons that another replica says. */
export const maxNameLength = 200;

/** Of one document: a held set of many ranges is megabytes, and a message should be none. */
export const maxBurialBytes = 1024 * 1024;

/** Whoever finds out that it went on from an older state begins an epoch; not again within this. */
export const regressAgainMs = 600_000;

/** Bytes of presence that one replica may bring: thousands of cursors that move. What is beyond is seen when it is renewed. */
export const presenceByteRate = { perSecond: 2 * 1024 * 1024, atOnce: 8 * 1024 * 1024 };
/** Documents whose presence a slow link is owed. */
export const maxOwedPresence = 10_000;

/** Documents that are read through to see whether they still are what was written: so many, this often. A million in a day. */
export const scrubbedDocuments = 100;
export const scrubMs = 10_000;
/** A server with so much waiting for its commit has other things to do; the scrub waits for the next time. */
export const maxBusyBytes = 256 * 1024;
/** Between two documents the scrub rests so many times as long as it has worked. */
export const scrubRestFactor = 9;
/** Damaged documents that no linked replica has are looked for again this often. */
export const repairAgainMs = 600_000;
/** A repair that failed for another reason is tried again after this. */
export const repairSoonMs = 30_000;
/** Damaged documents that are kept in mind; the scrub comes upon the others again. */
export const maxDamaged = 1_000;
/** What is kept of a copy on its way here: twice the largest document that is usual. */
export const maxCopyBytes = 512 * 1024 * 1024;
