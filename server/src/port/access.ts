// Who somebody is, and what they may do, decided before a channel opens.
import type { DocumentName } from '@syncline/shared';

/** What a session brings along to say who it is. */
export interface Credentials {
  readonly token: string | undefined;
  readonly address: string;
}

export interface Principal {
  may(action: 'read' | 'write', document: DocumentName): boolean;
}

export interface Access {
  /** Whether anybody who can connect is let in; such a server must not listen beyond loopback unawares. */
  readonly isOpen: boolean;
  /** Rejects with a SyncError when the credentials are not accepted. */
  identify(credentials: Credentials): Promise<Principal>;
}
