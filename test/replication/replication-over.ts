// The shipped replication over the core of a test, on its clock.
import { enginesOf } from '@syncline/server/port/engine.ts';
import { ClusterSecret } from '@syncline/server/auth/cluster-secret.ts';
import type { Dialer } from '@syncline/server/port/dialer.ts';
import { Replication } from '@syncline/server/replication/replication.ts';
import type { Core } from '../core/core.ts';

/** Of a cluster that is open. */
export const openSecret = new ClusterSecret(new Uint8Array(0));

export interface Dialling {
  readonly peers: readonly string[];
  readonly dialer: Dialer;
  /** What is drawn of a pause. */
  readonly fraction: number;
}

/** Without peers it waits for who comes. */
export function replicationOver(core: Core, dialling?: Dialling): Replication {
  const { clock, engine, journal, observed, documents } = core;
  return new Replication({
    clock,
    engines: enginesOf(engine),
    journal,
    observe: observed,
    documents,
    secret: openSecret,
    random: { fraction: () => dialling?.fraction ?? 0.5 },
    dialer: dialling?.dialer ?? { dial: () => ({ cancel() {} }) },
    name: 'here',
    cluster: 'default',
    peers: dialling?.peers ?? [],
    durability: 'full',
    wallClock: () => clock.now(),
    maxFrameBytes: 16 * 1024 * 1024,
  });
}
