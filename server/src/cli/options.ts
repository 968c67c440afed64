// The option tables: flags, environment variables, the config file, help, docs and types all come from them.
import { hostname } from 'node:os';
import { defaultMaxDocumentBytes, defaultMaxUpdateBytes } from '../core/limits.ts';
import {
  defaultMaxDocumentsPerSocket,
  defaultMaxFrameBytes,
  defaultMaxOpensPerSecond,
  defaultMaxSocketsPerAddress,
  defaultMaxSocketsPerPrincipal,
  openPace,
} from '../socket/limits.ts';

export interface OptionFacts {
  /** A list is a flag that repeats, a variable with commas, an array in the config file. */
  readonly type: 'string' | 'number' | 'boolean' | 'list';
  readonly default: string | number | boolean | readonly string[] | undefined;
  /** What docs and help say where the default depends on the machine. */
  readonly defaultText?: string;
  /** How help names the value. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly range?: readonly [min: number, max: number];
  readonly help: string;
}

export type OptionTable = Readonly<Record<string, OptionFacts>>;

/** What the commands that open a data folder have in common. */
const data = {
  type: 'string',
  default: './data',
  value: 'DIR',
  help: 'Folder of the database.',
} as const;

const config = {
  type: 'string',
  default: undefined,
  value: 'FILE',
  help: 'JSON file with any of these options.',
} as const;

const tokenKeyFile = {
  type: 'string',
  default: undefined,
  value: 'FILE',
  help: 'File with the secret key under which the token is signed.',
} as const;

function limit(value: string, normally: number, range: readonly [min: number, max: number], help: string) {
  return { type: 'number', default: normally, value, range, help } as const;
}

export const serveOptions = {
  host: { type: 'string', default: '127.0.0.1', value: 'ADDRESS', help: 'Address to listen on.' },
  port: {
    type: 'number',
    default: 7070,
    value: 'PORT',
    range: [0, 65_535],
    help: 'Port to listen on; 0 lets the system choose.',
  },
  data: { ...data, help: 'Folder of the database; made if it is not there.' },
  name: {
    type: 'string',
    default: hostname(),
    defaultText: "the machine's host name",
    value: 'NAME',
    help: 'What this replica is called in its log, in its metrics and by other replicas.',
  },
  durability: {
    type: 'string',
    default: 'full',
    value: 'LEVEL',
    choices: ['full', 'normal'],
    help: 'full: what is acknowledged survives a power cut. normal: it survives the end of the process alone.',
  },
  'max-frame': {
    type: 'number',
    default: defaultMaxFrameBytes,
    value: 'BYTES',
    range: [1_024, 1_073_741_824],
    help: 'Largest WebSocket frame read; a client that sends a larger one is closed with code 4413.',
  },
  'max-update': limit('BYTES', defaultMaxUpdateBytes, [64, 1_073_741_824], 'Largest update taken.'),
  'max-document': limit(
    'BYTES',
    defaultMaxDocumentBytes,
    [1_024, 1_099_511_627_776],
    'Largest document kept; a larger one takes no more updates.',
  ),
  'max-documents-per-socket': limit(
    'COUNT',
    defaultMaxDocumentsPerSocket,
    [1, 1_000_000],
    'Documents that one connection may have open, of those that carry several.',
  ),
  'max-sockets-per-address': limit(
    'COUNT',
    defaultMaxSocketsPerAddress,
    [1, 10_000_000],
    'Connections from one address.',
  ),
  'max-sockets-per-principal': limit(
    'COUNT',
    defaultMaxSocketsPerPrincipal,
    [1, 10_000_000],
    'Connections of one subject of tokens.',
  ),
  'max-opens-per-second': limit(
    'COUNT',
    defaultMaxOpensPerSecond,
    [1, openPace.perSecond],
    'Documents opened a second, for one address and for one subject of tokens; faster ones wait. Ten times as many may come at once.',
  ),
  log: {
    type: 'string',
    default: 'info',
    value: 'LEVEL',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    help: 'Least level that is logged, as JSON lines on standard error.',
  },
  'token-key-file': {
    ...tokenKeyFile,
    help: 'File with the secret key of at least 32 bytes under which tokens are signed. With it nobody gets in without a token.',
  },
  origin: {
    type: 'string',
    default: undefined,
    value: 'URLS',
    help: 'Origins whose pages may connect, separated by commas. Without a token key, pages of this machine may always, and others not.',
  },
  insecure: {
    type: 'boolean',
    default: false,
    help: 'Without a token key, allow listening beyond this machine and pages of any origin; without a cluster key, peers beyond it.',
  },
  peer: {
    type: 'list',
    default: [],
    value: 'URL',
    help: 'Where another replica is dialed, as ws://HOST:PORT/replicate or wss://…; repeats, and has commas in the environment.',
  },
  cluster: {
    type: 'string',
    default: 'default',
    value: 'NAME',
    help: 'Cluster that this replica is of; replicas of another one are refused.',
  },
  'cluster-key-file': {
    type: 'string',
    default: undefined,
    value: 'FILE',
    help: 'File with the secret key of at least 32 bytes that all replicas of a cluster have. With it no other replica gets in.',
  },
  config,
} as const satisfies OptionTable;

export const exportOptions = {
  data,
  format: {
    type: 'string',
    default: 'json',
    value: 'FORMAT',
    choices: ['json', 'text'],
    help: 'json: every root type by its name. text: the texts alone.',
  },
  config,
} as const satisfies OptionTable;

export const tokenOptions = {
  'token-key-file': tokenKeyFile,
  subject: {
    type: 'string',
    default: 'developer',
    value: 'NAME',
    help: 'Whom the token is for.',
  },
  read: {
    type: 'string',
    default: undefined,
    value: 'NAMES',
    help: 'Documents that its bearer may read, separated by commas; * stands for anything but slashes, ** for anything.',
  },
  write: {
    type: 'string',
    default: undefined,
    value: 'NAMES',
    help: 'Likewise, documents that its bearer may read and write.',
  },
  admin: {
    type: 'boolean',
    default: false,
    help: 'Let its bearer ask for the status of the cluster and for audits, and delete documents.',
  },
  expires: {
    type: 'string',
    default: '1h',
    value: 'TIME',
    help: 'How long it is good for, such as 90s, 15m, 12h or 30d; never for one that does not end.',
  },
  config,
} as const satisfies OptionTable;

/** What the commands have in common that ask a running server. */
export const remoteOptions = {
  server: {
    type: 'string',
    default: 'http://127.0.0.1:7070',
    value: 'URL',
    help: 'Where the server answers.',
  },
  'token-file': {
    type: 'string',
    default: undefined,
    value: 'FILE',
    help: 'File with a token of an admin, for a server with a token key; the variable SYNCLINE_TOKEN may hold the token itself.',
  },
  config,
} as const satisfies OptionTable;

/** Likewise, for those whose answer may go on to a program. */
export const reportOptions = {
  ...remoteOptions,
  json: { type: 'boolean', default: false, help: 'Print the answer as JSON.' },
} as const satisfies OptionTable;

export const reidentifyOptions = { data, config } as const satisfies OptionTable;

/** The commands, by how they are called, with what they do and their options. Help and docs are made from it. */
export const commands: Readonly<Record<string, { readonly what: string; readonly options: OptionTable }>> = {
  serve: { what: 'Serve until SIGTERM or SIGINT.', options: serveOptions },
  status: {
    what: 'Show which replicas there are, how far behind they are, and whether they agree.',
    options: reportOptions,
  },
  'verify [DOCUMENT]': {
    what: 'Compare all documents, or one, with every other replica now. Ends with 1 unless they are equal.',
    options: reportOptions,
  },
  'peers forget REPLICA': {
    what: 'Forget a replica that is gone for good, by its name or the beginning of its id.',
    options: remoteOptions,
  },
  'delete DOCUMENT': { what: 'Delete a document, here and on every other replica.', options: remoteOptions },
  'undelete DOCUMENT': {
    what: 'Let a deleted document begin anew, with nothing in it.',
    options: remoteOptions,
  },
  'export DOCUMENT': {
    what: "Print a document's content; a server may be running on the folder.",
    options: exportOptions,
  },
  token: { what: 'Print a token for development.', options: tokenOptions },
  reidentify: {
    what: 'Make a copied data folder a replica of its own; no server may be running on it.',
    options: reidentifyOptions,
  },
};

type ValueOf<Facts extends OptionFacts> = Facts extends { choices: readonly (infer Choice)[] }
  ? Choice
  : Facts['type'] extends 'number'
    ? number
    : Facts['type'] extends 'boolean'
      ? boolean
      : Facts['type'] extends 'list'
        ? readonly string[]
        : Facts['default'] extends undefined
          ? string | undefined
          : string;

/** A table's options, complete and checked. */
export type Options<Table extends OptionTable> = { readonly [Name in keyof Table]: ValueOf<Table[Name]> };
export type TokenOptions = Options<typeof tokenOptions>;
export type ServeOptions = Options<typeof serveOptions>;
export type RemoteOptions = Options<typeof remoteOptions>;
