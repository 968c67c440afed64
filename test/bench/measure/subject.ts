// What is measured: a server, and how it is spoken to.
import type { DialectName } from '../dialect/dialects.ts';
import { automergeServers } from './automerge-server.ts';
import { devices } from './device.ts';
import { replicating } from './layout.ts';

export type PeerName = 'syncline' | 'y-websocket-2' | 'hocuspocus' | 'relay';

export interface Subject {
  readonly peer: PeerName;
  readonly dialect: DialectName;
  /** Whether all documents of a role are on one socket. */
  readonly isShared?: boolean;
  /** Whether a document is opened by somebody who was here before, and not by a client that has nothing. */
  readonly isResumed?: boolean;
}

export const subjects = {
  syncline: { peer: 'syncline', dialect: 'y-websocket' },
  'syncline-native': { peer: 'syncline', dialect: 'native' },
  'syncline-native-single': { peer: 'syncline', dialect: 'native-single' },
  'syncline-native-shared': { peer: 'syncline', dialect: 'native', isShared: true },
  'syncline-native-resumed': { peer: 'syncline', dialect: 'native', isResumed: true },
  'y-websocket-2': { peer: 'y-websocket-2', dialect: 'y-websocket' },
  hocuspocus: { peer: 'hocuspocus', dialect: 'hocuspocus' },
  relay: { peer: 'relay', dialect: 'relay' },
} as const satisfies Readonly<Record<string, Subject>>;

export type SubjectName = keyof typeof subjects;

/** Who takes part in what; a relay opens nothing, and the shapes of a burst make no difference at rest. */
export const taking = {
  burst: [
    'syncline',
    'syncline-native',
    'syncline-native-single',
    'syncline-native-shared',
    'y-websocket-2',
    'hocuspocus',
    'relay',
  ],
  idle: ['syncline', 'syncline-native', 'y-websocket-2', 'hocuspocus', 'relay'],
  open: ['syncline', 'syncline-native', 'syncline-native-resumed', 'y-websocket-2', 'hocuspocus'],
  replication: replicating,
  automerge: automergeServers,
  device: devices,
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Benchmark = keyof typeof taking;
export type Participant<In extends Benchmark = Benchmark> = (typeof taking)[In][number];
export const benchmarks = Object.keys(taking) as Benchmark[];

/** Who can be asked for by name. */
export const participants: readonly string[] = [...new Set(Object.values(taking).flat())];
