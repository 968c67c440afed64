// Connects a repo by automerge-repo's WebSocket adapter, as it comes from npm.
import { Repo } from '@automerge/automerge-repo/slim';
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket';

export interface Place {
  readonly server: string;
  /** `?token=…`, where the server wants one, or nothing. */
  readonly query: string;
}

export function connect({ server, query }: Place): Repo {
  // shown:
  const adapter = new WebSocketClientAdapter(
    `${server}/automerge${query}`, // <- changes
  );
  const repo = new Repo({ network: [adapter] });
  // .
  return repo;
}
