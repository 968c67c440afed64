// The commands that ask a running server for something.
import { documentName, SyncError } from '@syncline/shared';
import type { ClusterStatus, ReplicaStatus, VerifyOutcome } from '../replication/contract.ts';
import { type Options, remoteOptions, reportOptions } from './options.ts';
import { type Environment, readOptions, UsageError } from './read-options.ts';
import { Remote } from './remote.ts';
import { describeStatus, describeVerification, idDigits, isEqual } from './status.ts';
import { plain } from './table.ts';

/** What a command prints, and how it ends. */
export interface Answer {
  readonly text: string;
  readonly exitCode: number;
}

export interface Asked {
  /** The words behind the command. */
  readonly names: readonly string[];
  readonly flags: readonly string[];
  readonly environment: Environment;
}

type ReportOptions = Options<typeof reportOptions>;

export async function status({ names, ...asked }: Asked): Promise<Answer> {
  if (names.length > 0) throw new UsageError(`status takes options alone, not ${names.join(' ')}.`);
  const { json, remote } = reporting(asked);
  const now = (await remote.ask({ method: 'GET', path: '/status' })) as ClusterStatus;
  return { text: json ? asJson(now) : describeStatus(now, Date.now()), exitCode: 0 };
}

export async function verify({ names, ...asked }: Asked): Promise<Answer> {
  if (names.length > 1) throw new UsageError('verify takes one document name at most, then options.');
  const { json, remote } = reporting(asked);
  const [name] = names;
  const body = name === undefined ? {} : { document: checked(name) };
  const outcome = (await remote.ask({ method: 'POST', path: '/verify', body })) as VerifyOutcome;
  return { text: json ? asJson(outcome) : describeVerification(outcome), exitCode: isEqual(outcome) ? 0 : 1 };
}

export async function peers({ names, flags, environment }: Asked): Promise<Answer> {
  const [action, wanted] = names;
  if (action !== 'forget' || wanted === undefined || names.length > 2)
    throw new UsageError('peers takes forget and one replica, then options.');
  const remote = new Remote(readOptions(remoteOptions, flags, environment), environment);
  const cluster = (await remote.ask({ method: 'GET', path: '/status' })) as ClusterStatus;
  const others = cluster.replicas.filter(({ replica }) => replica !== cluster.replica);
  const { replica, name } = find(others, wanted);
  await remote.ask({ method: 'POST', path: '/peers/forget', body: { replica } });
  return { text: `${plain(name)} ${replica} is forgotten.\n`, exitCode: 0 };
}

export async function remove(asked: Asked): Promise<Answer> {
  const name = await change(asked, 'delete', (path) => ({ method: 'DELETE', path }));
  return { text: `${name} is deleted.\n`, exitCode: 0 };
}

export async function undelete(asked: Asked): Promise<Answer> {
  const name = await change(asked, 'undelete', (path) => ({ method: 'POST', path: `${path}/undelete` }));
  return { text: `${name} begins anew.\n`, exitCode: 0 };
}

/** Asks for something to be done to the one document that is named, and gives its name. */
async function change(
  { names, flags, environment }: Asked,
  command: string,
  ask: (path: string) => Parameters<Remote['ask']>[0],
): Promise<string> {
  const [name] = names;
  if (name === undefined || names.length > 1)
    throw new UsageError(`${command} takes one document name, then options.`);
  const remote = new Remote(readOptions(remoteOptions, flags, environment), environment);
  await remote.ask(ask(`/documents/${encodeURIComponent(checked(name))}`));
  return name;
}

function reporting({ flags, environment }: Omit<Asked, 'names'>): Pick<ReportOptions, 'json'> & {
  remote: Remote;
} {
  const options = readOptions(reportOptions, flags, environment);
  return { json: options.json, remote: new Remote(options, environment) };
}

/** The replica of that name, or whose id begins so. Throws UsageError unless there is exactly one. */
function find(replicas: readonly ReplicaStatus[], wanted: string): ReplicaStatus {
  const isId = wanted.length >= idDigits;
  const found = replicas.filter(
    ({ replica, name }) => name === wanted || (isId && replica.startsWith(wanted)),
  );
  if (found.length === 1) return found[0]!;
  throw new UsageError(
    found.length === 0
      ? `There is no other replica ${wanted} in this cluster; see syncline status.`
      : `More than one replica is called ${wanted}; name one by its id: ${found.map(({ replica }) => replica).join(', ')}.`,
  );
}

function checked(name: string): string {
  try {
    return documentName(name);
  } catch (error) {
    if (error instanceof SyncError) throw new UsageError(error.message);
    throw error;
  }
}

function asJson(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
