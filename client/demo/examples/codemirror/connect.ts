// Connects a text by y-websocket, as it comes from npm.
import { WebsocketProvider } from 'y-websocket';
import type * as Y from 'yjs';

export interface Place {
  readonly server: string;
  readonly name: string;
  /** What goes into the query of the address: a token, where the server wants one. */
  readonly params: Record<string, string>;
}

export function connect(doc: Y.Doc, { server, name, params }: Place): WebsocketProvider {
  // shown:
  const provider = new WebsocketProvider(
    `${server}/yjs`, // <- changes
    encodeURIComponent(name),
    doc,
    { params },
  );
  // .
  return provider;
}
