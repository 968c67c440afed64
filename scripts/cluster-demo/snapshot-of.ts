// Puts together what the page is told: each link from what the two replicas at its ends say of it.
import type { ClusterStatus, LinkStatus } from '@syncline/server/replication/contract.ts';
import type { LinkNow, Place, ReplicaNow, Snapshot, Way } from '../../client/cluster-demo/snapshot.ts';

export interface Replica {
  readonly place: Place;
  readonly name: string;
  readonly sync: string;
  /** Undefined if it did not answer. */
  readonly status: ClusterStatus | undefined;
}

/** A line from the replica that dials to the one that is dialed. */
export interface Line {
  readonly id: string;
  readonly ends: readonly [Place, Place];
  readonly isCut: boolean;
}

export function snapshotOf(replicas: readonly Replica[], lines: readonly Line[]): Snapshot {
  const at = (place: Place): Replica => replicas.find((replica) => replica.place === place)!;
  return {
    replicas: replicas.map(replicaNow),
    links: lines.map(({ id, ends, isCut }) =>
      linkNow({ id, isCut, dialer: at(ends[0]), dialed: at(ends[1]) }),
    ),
  };
}

function replicaNow({ place, name, sync, status }: Replica): ReplicaNow {
  if (!status) return { place, name, sync, says: undefined };
  const { sequence, root, verifiedAtMs, whyNotVerified } = status;
  return { place, name, sync, says: { sequence, root, verifiedAtMs, whyNotVerified } };
}

interface Ends {
  readonly id: string;
  readonly isCut: boolean;
  readonly dialer: Replica;
  readonly dialed: Replica;
}

function linkNow({ id, isCut, dialer, dialed }: Ends): LinkNow {
  const there = linkTo(dialer, dialed);
  const back = linkTo(dialed, dialer);
  return {
    id,
    ends: [dialer.place, dialed.place],
    isCut,
    isConnected: there?.isConnected ?? false,
    state: there?.state ?? 'connecting',
    roundTripMs: there?.isConnected ? there.roundTripMs : undefined,
    ways: [way(dialer, dialed, { there, back }), way(dialed, dialer, { there: back, back: there })],
  };
}

function way(
  from: Replica,
  to: Replica,
  { there, back }: { there: LinkStatus | undefined; back: LinkStatus | undefined },
): Way {
  const { entriesCarried = 0, entriesFetched = 0, entriesDeleted = 0 } = back?.counts ?? {};
  return {
    from: from.place,
    to: to.place,
    pendingDocuments: there?.pendingDocuments ?? 0,
    unconfirmedAgeMs: there?.unconfirmedAgeMs ?? 0,
    received: entriesCarried + entriesFetched + entriesDeleted,
  };
}

/** Undefined until the two have met. */
function linkTo({ status }: Replica, { status: other }: Replica): LinkStatus | undefined {
  return other && status?.links.find(({ replica }) => replica === other.replica);
}
