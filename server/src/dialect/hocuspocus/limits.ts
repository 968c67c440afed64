// Every bound of the Hocuspocus dialect, with its unit and its reason.

/** What a socket may say of documents that it has not been let into, over all of them: edits that are made while a token is fetched. */
export const maxWaitingBytes = 5 * 1024 * 1024;

/** Likewise, in messages. */
export const maxWaitingMessages = 1_000;

/** Documents of which a socket speaks without ever having said who it is. */
export const maxWaitingDocuments = 100;

/** What all sockets together may have said before they were let in. */
export const maxWaitingBytesInAll = 64 * 1024 * 1024;

/** A document's name, a zero and the id that a provider draws for its session: the longest name is answered by its own address. */
export const maxAddressBytes = 1_024;

/** Requests of ours that a client leaves unanswered: a provider answers each, in order. */
export const maxUnansweredRequests = 100;

/** Statuses that wait for what was sent before: a provider that answers our requests is owed a few. */
export const maxOwedStatuses = 50_000;

/** What a provider says that it has is kept up to this, some eight thousand clients, until it has been asked for the rest. */
export const maxClaimBytes = 64 * 1024;

/** A provider sends at once what it has kept: what comes after a pause as long as this was typed since. */
export const maxPauseMs = 50;

/** A provider says what it has as soon as it has said who it is. One that has not after this is told of what it has sent all the same. */
export const exchangeWithinMs = 1_000;

/** A provider is asked for a new token when so much of the time has passed for which the old one is good. */
export const renewAfterFraction = 0.8;

/** A document that cannot be read at the moment is opened again after this; twice as long each time. */
export const minReopenMs = 1_000;
/** The longest pause between two attempts. */
export const maxReopenMs = 30_000;
