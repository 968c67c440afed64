// What the links of one replica share.
import type { ReplicationSettings } from './contract.ts';
import type { Holdings } from './holdings.ts';
import type { Unconfirmed } from './unconfirmed.ts';
import type { PeerMemories } from './peer-memory.ts';
import type { RecentCommits } from './recent-commits.ts';

export interface ReplicationContext extends ReplicationSettings {
  readonly recent: RecentCommits;
  readonly holdings: Holdings;
  readonly memories: PeerMemories;
  readonly unconfirmed: Unconfirmed;
  /** Whether an author of updates is another replica. */
  readonly isReplica: (author: object) => boolean;
  /** This replica has less than another one has seen of it in this epoch. Throws `bad_frame` where that cannot be. */
  onRegression(peer: string): void;
}
