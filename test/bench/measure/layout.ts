// How replicas stand to each other in the replication benchmark, and where of them somebody writes and reads.

export interface Layout {
  readonly replicas: number;
  /** Who dials whom, by the replicas' numbers from 0 on. */
  readonly links: readonly (readonly [dialing: number, dialed: number])[];
  readonly documents: number;
  /** The replicas at which each document has a reader; its writer is always at the first one. */
  readonly readers: readonly number[];
}

const many = 50;
const pair = { replicas: 2, links: [[1, 0]] } as const;

export const layouts = {
  alone: { replicas: 1, links: [], documents: many, readers: [0] },
  followed: { ...pair, documents: many, readers: [0] },
  pair: { ...pair, documents: many, readers: [1] },
  chain: {
    replicas: 3,
    links: [
      [1, 0],
      [2, 1],
    ],
    documents: many,
    readers: [2],
  },
  mesh: {
    replicas: 3,
    links: [
      [1, 0],
      [2, 0],
      [2, 1],
    ],
    documents: many,
    readers: [1, 2],
  },
  'alone-one': { replicas: 1, links: [], documents: 1, readers: [0] },
  'pair-one': { ...pair, documents: 1, readers: [1] },
} as const satisfies Readonly<Record<string, Layout>>;

export type LayoutName = keyof typeof layouts;

/** What it costs a server that is as busy as it can be to be followed by none, one or two. */
export const bursting: readonly LayoutName[] = ['alone', 'followed', 'mesh'];

/** Those that do not replicate: writers and readers are on one server, and documents as many as elsewhere. */
const singles = ['y-websocket-2', 'hocuspocus', 'relay'] as const;

export const replicating = [...(Object.keys(layouts) as LayoutName[]), ...singles] as const;
export type Replicating = (typeof replicating)[number];

/** As replicas are called in a table. */
export function letterOf(replica: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + replica);
}
