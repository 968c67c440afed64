// Every error that crosses a wire, in one table: what it is called, and what each outside world is told.

/** What a caller does about an error: never again, again later, or again at once. */
export type Retry = 'never' | 'later' | 'now';

interface ErrorFacts {
  /** WebSocket close code. 4400 to 4499 tells y-websocket 3.1 and later to stop; every other code is tried again. */
  readonly close: number;
  readonly retry: Retry;
  readonly means: string;
}

/** The error table. A code never changes its meaning; docs/errors.md is generated from it. */
export const errorTable = {
  bad_frame: {
    close: 4400,
    retry: 'never',
    means: 'The frame is not one of the protocol that this path speaks.',
  },
  bad_document_name: {
    close: 4400,
    retry: 'never',
    means: 'The document name is not UTF-8 of 1 to 512 bytes without control characters.',
  },
  bad_request: {
    close: 4400,
    retry: 'never',
    means: 'The request is not one that is understood here.',
  },
  not_found: {
    close: 4404,
    retry: 'never',
    means: 'There is nothing of that name.',
  },
  unsupported_version: {
    close: 4406,
    retry: 'never',
    means: 'Client and server have no version of the protocol in common.',
  },
  too_many_channels: {
    close: 4429,
    retry: 'never',
    means: 'The connection has as many documents open as it may.',
  },
  too_many_sockets: {
    close: 1013,
    retry: 'later',
    means: 'The address, or the principal, has as many connections as it may.',
  },
  bad_origin: {
    close: 4403,
    retry: 'never',
    means: 'Pages of this origin may not connect.',
  },
  unauthenticated: {
    close: 4401,
    retry: 'never',
    means: 'There is no token, or not one that this server accepts.',
  },
  token_expired: {
    close: 4401,
    retry: 'never',
    means: 'The token has expired; a new one is needed.',
  },
  forbidden: {
    close: 4403,
    retry: 'never',
    means: 'The principal has no grant for this.',
  },
  ephemeral_too_large: {
    close: 4416,
    retry: 'never',
    means: 'The message to all who have the document open has more bytes than it may have.',
  },
  document_deleted: {
    close: 4410,
    retry: 'never',
    means: 'The document has been deleted; what was written to it since stays with whoever wrote it.',
  },
  wrong_engine: {
    close: 4409,
    retry: 'never',
    means: 'The document is of another engine: what is a Yjs document is no Automerge document.',
  },
  wrong_cluster: {
    close: 4404,
    retry: 'never',
    means: 'The replica is of another cluster.',
  },
  wrong_cluster_key: {
    close: 4401,
    retry: 'never',
    means: 'The replica has another cluster key than this one, or none.',
  },
  duplicate_replica: {
    close: 4409,
    retry: 'never',
    means:
      'Another running replica has the same identity: one of the two is a copy, and needs `syncline reidentify`.',
  },
  duplicate_link: {
    close: 4419,
    retry: 'later',
    means: 'The two replicas are linked by another connection already.',
  },
  frame_too_large: {
    close: 4413,
    retry: 'never',
    means: 'The frame is larger than the server accepts.',
  },
  update_too_large: {
    close: 4414,
    retry: 'never',
    means: 'The update is larger than the server accepts.',
  },
  document_too_large: {
    close: 4415,
    retry: 'never',
    means: 'The document is as large as the server keeps it, and takes no more updates.',
  },
  malformed_update: {
    close: 4422,
    retry: 'never',
    means: 'The update is not one that the engine can merge.',
  },
  update_too_costly: {
    close: 4423,
    retry: 'never',
    means: 'Checking the update took more time or memory than one update may take.',
  },
  malformed_presence: {
    close: 4424,
    retry: 'never',
    means: 'The presence message is malformed or over its limits.',
  },
  silent: {
    close: 1008,
    retry: 'later',
    means: 'The session did not begin within the time allowed.',
  },
  internal: {
    close: 1011,
    retry: 'later',
    means: 'The server failed; nothing that was acknowledged is affected.',
  },
  going_away: {
    close: 1012,
    retry: 'now',
    means: 'The server is stopping; what it acknowledged is on its disk.',
  },
  unavailable: {
    close: 1013,
    retry: 'later',
    means: 'The document cannot be read at the moment.',
  },
} as const satisfies Record<string, ErrorFacts>;

export type ErrorCode = keyof typeof errorTable;

/** Whether a text is the code of an error known here; a newer server may have others. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}

/** An error that a caller may handle. Its message names no document content and no token. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly code: ErrorCode;
  /** What is wrong in this case; empty where the code says it all. */
  readonly detail: string;

  constructor(code: ErrorCode, detail = '') {
    super(detail === '' ? errorTable[code].means : `${errorTable[code].means} (${detail})`);
    this.code = code;
    this.detail = detail;
  }

  /** The WebSocket close code that tells a stock client what to do. */
  get close(): number {
    return errorTable[this.code].close;
  }

  get retry(): Retry {
    return errorTable[this.code].retry;
  }

  /** Where the error is described, from the root of the project. */
  get docs(): string {
    return `docs/errors.md#${this.code}`;
  }
}
