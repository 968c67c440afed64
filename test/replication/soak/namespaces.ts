// The same in network namespaces of the kernel: each replica has one of its own, a pair of virtual interfaces to each other replica, and
// one to the clients. A link that is taken down swallows what is sent, and tells nobody.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { maxSilenceMs, beatMs } from '@syncline/server/replication/limits.ts';
import { mesh } from '../../support/cluster.ts';
import { Replica } from '../../support/replica.ts';
import { temporaryFolder } from '../../support/server.ts';
import { type Name, names, type Network } from './network.ts';

const port = 7070;
const inside = 'IN_NETWORK_NAMESPACES';
const unshare = ['unshare', '--user', '--map-root-user', '--net', '--mount'] as const;

/** Whether this process may make networks as it likes. */
export function isInNamespaces(): boolean {
  return process.env[inside] !== undefined;
}

/** Runs this program again where it may, with the same words. Gives its exit code; undefined where the system does not allow that. */
export async function runInNamespaces(): Promise<number | undefined> {
  const [command, ...words] = unshare;
  try {
    execFileSync(command, [...words, 'ip', 'link'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const child = spawn(command, [...words, process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [inside]: '1' },
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}

export async function namespaces(): Promise<Network> {
  // Where `ip` keeps the names; nobody else sees it.
  execFileSync('mount', ['-t', 'tmpfs', 'none', '/run']);
  ip('link set lo up');
  names.forEach((name, at) => connectToClients(name, at));
  const links = mesh(names).map(([dialer, dialed], at) => connect(dialer as Name, dialed as Name, at));
  const folder = temporaryFolder();
  const key = join(folder.path, 'cluster-key');
  writeFileSync(key, randomBytes(32).toString('hex'), { mode: 0o600 });
  const replicas = names.map((name, at) => {
    const peers = links.filter(({ dialer }) => dialer === name).flatMap(({ url }) => ['--peer', url]);
    return new Replica({
      name,
      port,
      address: addressOf(at),
      shellPrefix: `exec ip netns exec ${name} "$@";`,
      arguments: ['--host', '0.0.0.0', '--insecure', '--cluster-key-file', key, ...peers],
    });
  });
  for (const replica of replicas) await replica.start();
  const set = async (one: Name, other: Name, state: 'up' | 'down'): Promise<void> => {
    const { dialer, device } = links.find((link) => link.between.has(one) && link.between.has(other))!;
    ip(`-n ${dialer} link set ${device} ${state}`);
  };
  return {
    kind: 'network namespaces, links taken down without a word',
    noticedWithinMs: maxSilenceMs + beatMs + 1_000,
    replicas,
    cut: (one, other) => set(one, other, 'down'),
    heal: (one, other) => set(one, other, 'up'),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
      folder[Symbol.dispose]();
    },
  };
}

function addressOf(at: number): string {
  return `10.9.${at}.2`;
}

function connectToClients(name: Name, at: number): void {
  ip(`netns add ${name}`);
  ip(`-n ${name} link set lo up`);
  ip(`link add client${at} type veth peer name clients netns ${name}`);
  ip(`addr add 10.9.${at}.1/30 dev client${at}`);
  ip(`-n ${name} addr add ${addressOf(at)}/30 dev clients`);
  ip(`link set client${at} up`);
  ip(`-n ${name} link set clients up`);
}

function connect(dialer: Name, dialed: Name, at: number) {
  const device = `link${at}`;
  ip(`link add ${device} netns ${dialer} type veth peer name ${device} netns ${dialed}`);
  ip(`-n ${dialer} addr add 10.8.${at}.1/30 dev ${device}`);
  ip(`-n ${dialed} addr add 10.8.${at}.2/30 dev ${device}`);
  for (const name of [dialer, dialed]) ip(`-n ${name} link set ${device} up`);
  return { dialer, device, between: new Set([dialer, dialed]), url: `ws://10.8.${at}.2:${port}/replicate` };
}

function ip(words: string): void {
  execFileSync('ip', words.split(' '));
}
