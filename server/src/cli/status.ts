// What `syncline status` and `syncline verify` show.
import type { ClusterStatus, LinkStatus, VerifyOutcome } from '../replication/contract.ts';
import { clockTime, duration, plain, table } from './table.ts';

/** Enough of an id to tell replicas apart, and to name one. */
export const idDigits = 8;

export function describeStatus(status: ClusterStatus, nowMs: number): string {
  const { name, replica, cluster, epoch, durability, sequence } = status;
  const facts = [
    ['replica', `${plain(name)} ${replica}`],
    ['cluster', cluster],
    ['epoch', epoch],
    ['durability', durability],
    ['sequence', String(sequence)],
  ];
  const parts = [table(facts)];
  if (status.links.length > 0) parts.push(linkTable(status.links, nowMs));
  const stuck = stuckLines(status.links);
  if (stuck.length > 0) parts.push(stuck.join('\n'));
  if (status.replicas.length > 1) parts.push(holdingTable(status));
  parts.push(agreement(status, nowMs));
  return `${parts.join('\n\n')}\n`;
}

/** The one sentence that matters. */
export function agreement(status: ClusterStatus, nowMs: number): string {
  const { replicas, links, verifiedAtMs, whyNotVerified } = status;
  if (replicas.length <= 1 && links.length === 0) return 'There is no other replica.';
  if (verifiedAtMs === undefined)
    return `It cannot be said that all replicas are equal: ${plain(whyNotVerified)}.`;
  const sentence = `All ${replicas.length} replicas verified equal as of ${clockTime(verifiedAtMs, nowMs)}.`;
  return whyNotVerified === '' ? sentence : `${sentence} It cannot be said of now: ${plain(whyNotVerified)}.`;
}

export function describeVerification({ links }: VerifyOutcome): string {
  if (links.length === 0) return 'There is no other replica.\n';
  return links
    .map(({ replica, name, outcome, documents }) => {
      const named = documents.length === 0 ? '' : `: ${documents.map(plain).join(', ')}`;
      return `${called(name, replica)}: ${outcome}${named}\n`;
    })
    .join('');
}

/** Whether every other replica was found equal as it is. */
export function isEqual({ links }: VerifyOutcome): boolean {
  return links.every(({ outcome }) => outcome === 'equal');
}

function linkTable(links: readonly LinkStatus[], nowMs: number): string {
  const rows = links.map((link) => [
    link.url ?? 'dialed us',
    link.replica === undefined ? '-' : called(link.name, link.replica),
    link.state,
    duration(link.unconfirmedAgeMs),
    String(link.pendingDocuments),
    link.verifiedAtMs === undefined ? 'never' : clockTime(link.verifiedAtMs, nowMs),
    plain(link.reason),
  ]);
  return table([['LINK', 'REPLICA', 'STATE', 'LAG', 'PENDING', 'VERIFIED', ''], ...rows]);
}

function stuckLines(links: readonly LinkStatus[]): string[] {
  return links.flatMap((link) =>
    link.stuckDocuments.map(
      ({ document, code }) =>
        `${plain(document)} of ${link.replica === undefined ? link.url : called(link.name, link.replica)} cannot be taken in: ${code}`,
    ),
  );
}

/** How old what each replica holds of each other one is known to be. */
function holdingTable({ replicas, holdings }: ClusterStatus): string {
  const rows = replicas.map((holder) => [
    called(holder.name, holder.replica),
    ...replicas.map((origin) => {
      if (holder.replica === origin.replica) return '-';
      const holding = holdings.find(
        (each) => each.holder === holder.replica && each.origin === origin.replica,
      );
      return holding ? duration(holding.ageMs) : 'unknown';
    }),
  ]);
  return table([['HOLDS OF', ...replicas.map(({ name, replica }) => called(name, replica))], ...rows]);
}

function called(name: string | undefined, replica: string): string {
  return `${plain(name ?? '')} ${replica.slice(0, idDigits)}`.trim();
}
