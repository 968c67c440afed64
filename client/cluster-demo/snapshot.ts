// What the page is told of the cluster several times a second: what the replicas say of themselves, and which links are cut.
// Types alone, for the page and for the script that serves it.

/** Where a replica is: a word of lower-case letters. */
export type Place = string;

export interface Snapshot {
  readonly replicas: readonly ReplicaNow[];
  readonly links: readonly LinkNow[];
}

export interface ReplicaNow {
  readonly place: Place;
  readonly name: string;
  /** Where clients connect. */
  readonly sync: string;
  /** Undefined while it does not answer. */
  readonly says: ReplicaSays | undefined;
}

export interface ReplicaSays {
  readonly sequence: number;
  /** What all of its documents are, in hexadecimal. Undefined while it counts them. */
  readonly root: string | undefined;
  /** As of when it knows that all replicas were equal, milliseconds since 1970. */
  readonly verifiedAtMs: number | undefined;
  readonly whyNotVerified: string;
}

export interface LinkNow {
  readonly id: string;
  readonly ends: readonly [Place, Place];
  /** Whether its switch is off. */
  readonly isCut: boolean;
  /** Whether the replicas talk over it. */
  readonly isConnected: boolean;
  /** What the replica that dials says of it: 'live', 'backoff' and the like. */
  readonly state: string;
  readonly roundTripMs: number | undefined;
  /** From the first end to the second, and back. */
  readonly ways: readonly [Way, Way];
}

export interface Way {
  readonly from: Place;
  readonly to: Place;
  /** Documents of which `to` has not said that it has what `from` has. */
  readonly pendingDocuments: number;
  /** Age of the oldest change among them, 0 if there is none. */
  readonly unconfirmedAgeMs: number;
  /** Changes that have come this way since the replica was started. */
  readonly received: number;
}
