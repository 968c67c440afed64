// Which replicas hold the same, and which can still reach each other. Pure.
import type { LinkNow, Place, ReplicaNow, Snapshot } from './snapshot.ts';

/** Replicas with the same digest, the largest group first. A replica that does not answer is in none. */
export function groupsOf(replicas: readonly ReplicaNow[]): readonly (readonly Place[])[] {
  const groups = new Map<string, Place[]>();
  for (const { place, says } of replicas) {
    if (says?.root !== undefined) groups.set(says.root, [...(groups.get(says.root) ?? []), place]);
  }
  return [...groups.values()].toSorted((a, b) => b.length - a.length);
}

/** Whether all hold the same, as far as all have said what they hold. */
export function isSame(replicas: readonly ReplicaNow[]): boolean {
  return groupsOf(replicas)[0]?.length === replicas.length;
}

/** Replicas between which there is a way over links that fulfil `isWay`, the largest part first. */
export function partsOf(
  { replicas, links }: Snapshot,
  isWay: (link: LinkNow) => boolean,
): readonly (readonly Place[])[] {
  const parts: Place[][] = [];
  for (const { place } of replicas) {
    if (parts.some((part) => part.includes(place))) continue;
    const part = [place];
    for (const at of part) {
      for (const { ends } of links.filter(isWay)) {
        const other = ends[0] === at ? ends[1] : ends[1] === at ? ends[0] : undefined;
        if (other !== undefined && !part.includes(other)) part.push(other);
      }
    }
    parts.push(part);
  }
  return parts.toSorted((a, b) => b.length - a.length);
}

/** As of when every replica says that all of them were equal; undefined while one of them does not. */
export function verifiedAtMs(replicas: readonly ReplicaNow[]): number | undefined {
  const times = replicas.map(({ says }) => says?.verifiedAtMs);
  return times.every((time) => time !== undefined) ? Math.min(...times) : undefined;
}
