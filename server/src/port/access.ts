// Who somebody is, and what they may do, decided before a channel opens.
import type { DocumentName } from '@syncline/shared';

/** What a session brings along to say who it is. */
export interface Credentials {
  readonly token: string | undefined;
  readonly address: string;
}

export type Action = 'read' | 'write';

export interface Principal {
  /** Tells principals apart, for limits; undefined where nobody is told from anybody. */
  readonly id: string | undefined;
  /** For how long, from its identification on, what it may do stands; undefined for good. */
  readonly validForMs: number | undefined;
  /** Whether it may ask what an operator asks, of all documents: the status, an audit, a deletion. */
  readonly isAdmin: boolean;
  may(action: Action, document: DocumentName): boolean;
}

export interface Access {
  /** Whether anybody who can connect is let in; such a server must not listen beyond loopback unawares. */
  readonly isOpen: boolean;
  /** Rejects with a SyncError `unauthenticated` or `token_expired` when the credentials are not accepted. */
  identify(credentials: Credentials): Promise<Principal>;
}
