// O1 of a cluster: when everything has healed, all machines have stored the same, and their clients show it.
import { compareLives } from '@syncline/server/core/visit.ts';
import { isSame } from '@syncline/server/replication/replica-id.ts';
import { documentName } from '@syncline/shared';
import type { SimulatedClient } from '../client/surroundings.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Machine } from '../world/machine.ts';
import { expectStoredWell, storedContent, whyNotSettled as whyClientsNotSettled } from './agreement.ts';
import { expectThat } from './violation.ts';

/** What keeps these machines, and the clients that they serve, from having settled; undefined if nothing does. */
export function whyNotSettled(cluster: Cluster, machines = cluster.machines): string | undefined {
  const down = machines.find(({ server }) => !server);
  if (down) return `${down.name} is down`;
  for (const name of cluster.names) {
    const why = whyNotEqual(name, machines);
    if (why !== undefined) return why;
  }
  for (const machine of machines) {
    const why = whyClientsNotSettled(machine, clientsOf(cluster, machine));
    if (why !== undefined) return `${why}, at ${machine.name}`;
  }
  return undefined;
}

/** All is as it should be, to the last byte. */
export async function expectAgreement(cluster: Cluster): Promise<void> {
  const why = whyNotSettled(cluster);
  expectThat(why === undefined, () => `O1: ${why}`);
  const [first] = cluster.machines;
  for (const machine of cluster.machines) {
    await expectStoredWell(machine, clientsOf(cluster, machine));
    for (const name of cluster.names) {
      expectThat(
        storedContent(machine.disk, name) === storedContent(first!.disk, name),
        () => `O1: the content of ${name} is another at ${machine.name} than at ${first!.name}`,
      );
    }
  }
}

function clientsOf({ members }: Cluster, machine: Machine): readonly SimulatedClient[] {
  return members.filter(({ place }) => place.machine === machine).map(({ client }) => client);
}

function whyNotEqual(name: string, [first, ...others]: readonly Machine[]): string | undefined {
  const stored = first!.disk.find(documentName(name));
  for (const { disk, name: at } of others) {
    const other = disk.find(documentName(name));
    if (!stored && !other) continue;
    if (!stored || !other) return `${name} is not at ${stored ? at : first!.name}`;
    if (compareLives(stored, other) !== 0)
      return `${name} is in another life at ${at} than at ${first!.name}`;
    if (!stored.isDeleted && !isSame(stored.digest, other.digest))
      return `${name} is another at ${at} than at ${first!.name}`;
  }
  return undefined;
}
