/** Of one message to all who have a document open: a client that says more loses the document. */
export const maxEphemeralBytes = 64 * 1024;
