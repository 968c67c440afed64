// The clients that the compatibility tests run, the scenarios that each has a column for, and what does not work with them. What
// is said here are facts of their protocols; whether a scenario works is not said here but found out.

export interface Family {
  readonly name: string;
  /** What an app connects to, and how. */
  readonly what: string;
  readonly columns: readonly string[];
  /** By the client's name and version as the tests' titles say them: the folder of the package, from the project's own. */
  readonly packages: Readonly<Record<string, string>>;
  /** What does not work, and why. */
  readonly limits: readonly string[];
}

const withoutPresence = [
  'join',
  'edit both ways',
  'offline edits and reconnect',
  'server SIGKILL and restart',
  '5 MB document',
  'read-only',
];
const withPresence = withoutPresence.toSpliced(2, 0, 'presence both ways');
const withMessages = withoutPresence.toSpliced(2, 0, 'ephemeral both ways');

const modules = 'test/node_modules';

export const families: readonly Family[] = [
  {
    name: 'y-websocket',
    what: 'Yjs documents at `ws://HOST/yjs`, with the unchanged `WebsocketProvider`.',
    columns: withPresence,
    packages: {
      'y-websocket 1.5': `${modules}/y-websocket-1`,
      'y-websocket 2.1': `${modules}/y-websocket-2`,
      'y-websocket 3.0': `${modules}/y-websocket-3.0`,
      'y-websocket 3.1': `${modules}/y-websocket`,
    },
    limits: [
      'The protocol has no read-only. Whoever may only read is sent everything; the first update that they send is answered with ' +
        'its message that permission is denied, which the provider prints as a warning, and with the close code 4403.',
      'Providers before 3.1 connect again after every close code, those for good included, until the app calls `disconnect()`. ' +
        '3.1 stops after codes from 4400 to 4499 and says so with its event `closed`.',
      'A token stands in the URL and cannot be renewed on the connection: when it ends the socket is closed with 4401.',
      'Nothing in the protocol says what is stored. What a provider sent before a connection was lost it sends again on the next one.',
    ],
  },
  {
    name: 'Hocuspocus',
    what: 'Yjs documents at `ws://HOST/hocuspocus`, with the unchanged `HocuspocusProvider`.',
    columns: withPresence,
    packages: {
      '@hocuspocus/provider 2.15': `${modules}/hocuspocus-provider-2`,
      '@hocuspocus/provider 3.4': `${modules}/hocuspocus-provider-3`,
      '@hocuspocus/provider 4.8': `${modules}/@hocuspocus/provider`,
    },
    limits: [
      'A provider of version 2 cannot be asked for a new token: when the old one ends its socket is closed with 4205, and it comes back with ' +
        'what its token function gives. One that is denied its document leaves the socket until the app calls `connect()`.',
      'What was only deleted without a connection cannot always be told from what is deleted in the moment of connecting again. Where it ' +
        'is in doubt, the count of a provider of version 2 may stay up until it connects again, or the app calls `forceSync()`.',
      'Providers connect again after every close code; those of version 2 stop at 1009, 4401 and 4403.',
    ],
  },
  {
    name: 'automerge-repo',
    what: 'Automerge documents at `ws://HOST/automerge`, with an unchanged `Repo` and its `WebSocketClientAdapter`.',
    columns: [...withMessages, 'the published acceptance suite'],
    packages: {
      'automerge-repo 2.5': `${modules}/@automerge/automerge-repo`,
      'automerge-repo 2.6-alpha': `${modules}/automerge-repo-2.6`,
    },
    limits: [
      'Of the seven tests that automerge-repo publishes for network adapters three cannot pass through any server in the middle: they ' +
        'want two clients to see each other connect, with the name that each has, and go. What a client sees is the server.',
      'A `Repo` that may only read is told so in the sync protocol, and does not tell its app: what is typed there stays there, and ' +
        '`getSyncInfo` never says that the server has it.',
      'A `Repo` does not tell its app why a document may not be read: it is unavailable, as one that is not there.',
      'What others of the network hold is not passed on: `getSyncInfo` says what the server itself has on its disk, and of no one else.',
    ],
  },
  {
    name: 'The client SDK',
    what: 'Documents of both engines at `ws://HOST/sync`, with the client of this project.',
    columns: withPresence,
    packages: { '@syncline/client 0.1': 'client', '@syncline/client/automerge 0.1': 'client' },
    limits: [],
  },
];
