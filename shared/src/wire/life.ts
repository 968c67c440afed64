// How both sides of the native protocol tell a quiet connection from a dead one. Each says something unasked, for a link
// that is full in one direction would hold up the answer to a question.

/** Either side says something at least this often. */
export const signOfLifeMs = 15_000;

/** A side that has heard nothing for so long may take the connection for dead. */
export const maxSilenceMs = 35_000;
