// Connects a document by Hocuspocus' provider, as it comes from npm.
import { HocuspocusProvider } from '@hocuspocus/provider';
import type * as Y from 'yjs';

export interface Place {
  readonly server: string;
  readonly name: string;
  /** Where the server wants one. */
  readonly token: string | null;
}

export function connect(document: Y.Doc, { server, name, token }: Place): HocuspocusProvider {
  // shown:
  const provider = new HocuspocusProvider({
    url: `${server}/hocuspocus`, // <- changes
    name,
    document,
    token,
  });
  // .
  return provider;
}
