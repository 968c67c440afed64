// What replication tells of itself, put together when somebody asks: every number is of that moment, so that lag grows while nothing
// happens.
import type { ReplicationContext } from './context.ts';
import type { ClusterStatus, HoldingStatus, LinkCount, LinkStatus } from './contract.ts';
import { beatMs } from './limits.ts';
import type { Link } from './link.ts';
import type { KnownReplica } from './holdings.ts';
import { hexOf, isSame } from './replica-id.ts';
import type { Target } from './target.ts';

/** What is passed on of a replica comes every few seconds, over each link on the way. */
const unheardMs = 6 * beatMs;

const nothing = (): void => {};

interface Parts {
  readonly targets: readonly Target[];
  readonly links: readonly {
    readonly replica: string;
    readonly link: Link | undefined;
    readonly counts: Record<LinkCount, number>;
    readonly reconnects: number;
    readonly verifiedMs: number | undefined;
  }[];
  readonly regressions: number;
  readonly duplicateIdentities: number;
}

export function noCounts(): Record<LinkCount, number> {
  return {
    pushSent: 0,
    pushSuppressed: 0,
    pushBehind: 0,
    pushBytes: 0,
    pullPages: 0,
    entriesEqual: 0,
    entriesFetched: 0,
    entriesCarried: 0,
    entriesDeleted: 0,
    entriesStuck: 0,
    resumeAccepted: 0,
    resumeDrained: 0,
    resumeAudit: 0,
    resumeFull: 0,
    auditEqual: 0,
    auditRepaired: 0,
    auditDivergent: 0,
    auditBusy: 0,
    auditRepairedDocuments: 0,
    auditBytes: 0,
  };
}

export async function clusterStatus(context: ReplicationContext, parts: Parts): Promise<ClusterStatus> {
  const { journal, holdings, clock, name, cluster, durability } = context;
  const links = await Promise.all(linkedOrExpected(parts).map((each) => linkStatus(context, parts, each)));
  // Whoever asks must not wait for a disk that is stuck: he is told what was known, and the next one what is known then.
  if (holdings.replicas.length > 1)
    void journal.sums('root').then((sums) => sums && holdings.rootIs(sums.sums), nothing);
  const [{ root }] = holdings.replicas as [KnownReplica];
  context.unconfirmed.confirmed(
    Math.min(journal.lastSequence, ...links.map((link) => link.ackedSequence ?? 0)),
  );
  const now = clock.now();
  const holdingList: HoldingStatus[] = holdings.replicas.flatMap(({ replica: holder }) =>
    Array.from(holdings.of(holder), ([origin, { epoch, sequence, atMs }]) => ({
      holder,
      origin,
      epoch: hexOf(epoch),
      sequence,
      ageMs: now - atMs,
    })),
  );
  return {
    replica: hexOf(journal.replica),
    name,
    cluster,
    epoch: hexOf(journal.epoch),
    durability,
    sequence: journal.lastSequence,
    root: root.length === 0 ? undefined : hexOf(root),
    replicas: holdings.replicas.map(({ replica, name: called }) => ({ replica, name: called })),
    links,
    holdings: holdingList,
    ...verified(context, links),
    regressions: parts.regressions,
    duplicateIdentities: parts.duplicateIdentities,
  };
}

interface Expected {
  readonly target: Target | undefined;
  readonly replica: string | undefined;
}

/** Every address that is dialed, and every replica that was met otherwise. */
function linkedOrExpected({ targets, links }: Parts): Expected[] {
  const expected: Expected[] = targets.map((target) => ({ target, replica: target.replica }));
  for (const { replica } of links) {
    if (!targets.some((target) => target.replica === replica)) expected.push({ target: undefined, replica });
  }
  return expected;
}

async function linkStatus(
  { journal, holdings, memories, unconfirmed, clock, wallClock }: ReplicationContext,
  { links }: Parts,
  { target, replica }: Expected,
): Promise<LinkStatus> {
  const found = links.find((each) => each.replica === replica);
  const link = found?.link;
  const memory = replica === undefined ? undefined : memories.of(replica);
  // It may have said so to others, and they to us.
  const said = [
    memory?.acked,
    replica === undefined ? undefined : holdings.get(replica, hexOf(journal.replica)),
  ];
  const good = said.flatMap((each) =>
    each && journal.isInLineage(each.epoch, each.sequence) ? each.sequence : [],
  );
  const acked = good.length > 0 ? Math.max(...good) : undefined;
  const verifiedMs = found?.verifiedMs;
  return {
    url: target?.url,
    replica,
    name:
      replica === undefined ? undefined : holdings.replicas.find((each) => each.replica === replica)?.name,
    state: link ? link.state : (target?.state ?? 'backoff'),
    reason: link ? '' : (target?.reason ?? 'it has not dialed again'),
    isConnected: link !== undefined,
    reconnects: found?.reconnects ?? 0,
    roundTripMs: link?.roundTripMs,
    sendBufferBytes: link?.sendBufferBytes ?? 0,
    ackedSequence: acked,
    pendingDocuments: await journal.countAfter(acked ?? 0),
    unconfirmedAgeMs: unconfirmed.ageOf(acked ?? 0, journal.lastSequence),
    verifiedAtMs: verifiedMs === undefined ? undefined : wallClock() - (clock.now() - verifiedMs),
    divergentDocuments: link?.divergentDocuments ?? 0,
    stuckDocuments: Array.from(link?.stuck ?? [], ([document, code]) => ({ document, code })),
    counts: { ...(found?.counts ?? noCounts()) },
  };
}

/** All were equal when all had last said the same of their documents; and why that is not so at this moment. */
function verified(
  { holdings, clock, wallClock }: ReplicationContext,
  links: readonly LinkStatus[],
): Pick<ClusterStatus, 'verifiedAtMs' | 'whyNotVerified'> {
  const { agreedMs } = holdings;
  return {
    verifiedAtMs: agreedMs === undefined ? undefined : wallClock() - (clock.now() - agreedMs),
    whyNotVerified: whyNotVerified(holdings.replicas, links, clock.now()),
  };
}

function whyNotVerified(
  [own, ...others]: readonly KnownReplica[],
  links: readonly LinkStatus[],
  nowMs: number,
): string {
  const names = (replicas: readonly KnownReplica[]): string =>
    replicas.map(({ name, replica }) => name || replica).join(', ');
  if (others.length === 0) return 'no other replica is known';
  // Without a link of its own it may be heard of through another one.
  const isLinked = links.some(({ isConnected }) => isConnected);
  const isHeard = (replica: string | undefined): boolean =>
    isLinked && others.some((each) => each.replica === replica && nowMs - each.saidAtMs < unheardMs);
  const away = links.find((link) => !link.isConnected && link.state !== 'linked' && !isHeard(link.replica));
  if (away) return `${away.name ?? away.url ?? 'a replica'} is not connected`;
  const silent = others.filter(({ root }) => root.length === 0);
  if (silent.length > 0) return `${names(silent)} has not been heard of yet`;
  const unheard = others.filter(({ saidAtMs }) => nowMs - saidAtMs >= unheardMs);
  if (unheard.length > 0) return `${names(unheard)} has not been heard of for a while`;
  const different = others.filter(({ root }) => !isSame(root, own!.root));
  return different.length > 0 ? `${names(different)} last said otherwise; changes may be on their way` : '';
}
