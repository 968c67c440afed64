// What the options say of the cluster: whom to dial, which secret proves that a replica is of it, and who may replicate with us.
import { isLoopbackOrigin } from '../socket/loopback.ts';
import { replicaPath } from '../socket/sockets.ts';
import type { ServeOptions } from './options.ts';
import { UsageError } from './read-options.ts';
import { keyFrom } from './token.ts';

export interface Cluster {
  readonly name: string;
  readonly peers: readonly string[];
  /** Empty where everybody who can connect may replicate. */
  readonly key: Uint8Array;
  /** Whether replicas are let in at all. */
  readonly isReplicated: boolean;
}

type ClusterOptions = Pick<
  ServeOptions,
  'cluster' | 'cluster-key-file' | 'token-key-file' | 'peer' | 'insecure'
>;

/** Throws UsageError. */
export function clusterOf(options: ClusterOptions): Cluster {
  const { cluster: name, 'cluster-key-file': keyFile, insecure } = options;
  const peers = [...new Set(options.peer.map(peerUrl))];
  if (keyFile !== undefined) {
    const key = keyFrom(keyFile);
    const tokenKeyFile = options['token-key-file'];
    if (tokenKeyFile !== undefined && Buffer.from(key).equals(keyFrom(tokenKeyFile))) {
      throw new UsageError(
        'Whoever signs tokens must not be able to replicate: --token-key-file and --cluster-key-file are two keys.',
      );
    }
    return { name, peers, key, isReplicated: true };
  }
  const key = new Uint8Array(0);
  // Whoever has no token must not get at every document as a replica.
  const isReplicated = options['token-key-file'] === undefined;
  if (!isReplicated && peers.length > 0) {
    throw new UsageError(
      'With a token key, replicas prove themselves by a key of their own: --peer needs --cluster-key-file beside --token-key-file.',
    );
  }
  const far = peers.find((peer) => !isLoopbackOrigin(peer));
  if (far !== undefined && !insecure) {
    throw new UsageError(
      `Replicating with ${far} without a cluster key lets whoever answers there read and write everything; configure --cluster-key-file, or say --insecure if that is meant.`,
    );
  }
  return { name, peers, key, isReplicated };
}

/** As it is dialed. Throws UsageError. */
function peerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOne =
    url !== undefined &&
    ['ws:', 'wss:'].includes(url.protocol) &&
    url.pathname === replicaPath &&
    isBare(url);
  if (!isOne) {
    throw new UsageError(
      `--peer is a URL such as ws://10.0.0.2:7070${replicaPath} or wss://sync.example${replicaPath}, not ${text}.`,
    );
  }
  return url.href;
}

/** The URL is shown in status, log and metrics: nothing secret belongs there. */
function isBare({ username, password, search, hash }: URL): boolean {
  return [username, password, search, hash].every((part) => part === '');
}
