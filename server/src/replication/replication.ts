// Replication as a whole: whom this replica dials, who dials it, the one link that it keeps with each, and what is known of all of
// them. Nobody is in charge: every replica does this by itself.
import { type ErrorCode, SyncError } from '@syncline/shared';
import type { Awaiting, Confirm } from '../port/confirm.ts';
import type { Sequence } from '../port/journal.ts';
import type { Outbox } from '../port/outbox.ts';
import type { Session } from '../port/session.ts';
import { Confirmations, type Holder } from './confirmations.ts';
import type { ReplicationContext } from './context.ts';
import type {
  ClusterStatus,
  LinkCount,
  ReplicationControl,
  ReplicationSettings,
  VerifyOutcome,
} from './contract.ts';
import type { Introduction, Role } from './greeting.ts';
import { Holdings } from './holdings.ts';
import { beatMs, regressAgainMs } from './limits.ts';
import { Link } from './link.ts';
import { PeerAuthor } from './peer-author.ts';
import { PeerMemories } from './peer-memory.ts';
import { PeerSession } from './peer-session.ts';
import { RecentCommits } from './recent-commits.ts';
import { Repairs } from './repairs.ts';
import { Scrub } from './scrub.ts';
import { hexOf, isSame } from './replica-id.ts';
import { clusterStatus, noCounts } from './status.ts';
import { Target } from './target.ts';
import { Unconfirmed } from './unconfirmed.ts';

/** A running replica says something within this: one that has another's identity is a copy of it and not its successor. */
const proveAliveMs = beatMs + 1_000;

/** Whom a replica refuses that has not proved to be one of its cluster: an operator is to hear of it, so often at most. */
const strangers: ReadonlySet<ErrorCode> = new Set([
  'wrong_cluster',
  'wrong_cluster_key',
  'unsupported_version',
]);
const refusedEveryMs = 10_000;

/** A replica as it is linked, or was. */
interface Peer {
  /** Of its current epoch: what it sent in an earlier one it may have lost, and is sent again. */
  author: PeerAuthor;
  epoch: Uint8Array | undefined;
  readonly counts: Record<LinkCount, number>;
  /** Times that it was linked. */
  links: number;
  /** As of when it was last found equal, by our clock; of earlier links, too. */
  verifiedMs: number | undefined;
  link: Link | undefined;
  session: PeerSession | undefined;
}

export class Replication implements ReplicationControl, Confirm {
  readonly #context: ReplicationContext;
  readonly #targets: readonly Target[];
  readonly #peers = new Map<string, Peer>();
  readonly #authors = new WeakSet<object>();
  readonly #sessions = new Set<PeerSession>();
  readonly #confirmations: Confirmations;
  readonly #repairs: Repairs;
  readonly #scrub: Scrub;
  #regressions = 0;
  #regressedMs = -Infinity;
  #duplicateIdentities = 0;
  #refusedMs = -Infinity;
  #isStopped = false;

  constructor(settings: ReplicationSettings) {
    const { clock, journal, name, documents } = settings;
    const memories = new PeerMemories(journal);
    const holdings = new Holdings({
      clock,
      replica: journal.replica,
      name,
      forgotten: memories.forgotten,
      isOwnEpoch: (epoch) => journal.isInLineage(epoch, 0),
      onCopy: (heardBy) => this.#isCopied(heardBy),
    });
    this.#context = {
      ...settings,
      recent: new RecentCommits(),
      holdings,
      memories,
      unconfirmed: new Unconfirmed(clock, journal.lastSequence),
      isReplica: (author) => this.#authors.has(author),
      onRegression: (peer) => {
        // It happens once in the life of a process. Who says so again of the epoch that has begun since is not to be believed.
        if (clock.now() - this.#regressedMs < regressAgainMs)
          throw new SyncError('bad_frame', 'it has read more of this replica than there is');
        void this.#regressed(peer);
      },
    };
    this.#confirmations = new Confirmations(clock, () => this.#holders());
    holdings.listen(() => this.#confirmations.look());
    // Before any link hears of it.
    documents.commits.listen((commit) => {
      this.#context.recent.add(commit);
      this.#context.unconfirmed.committed(commit.sequence);
    });
    this.#repairs = new Repairs(this.#context, () => this.#links());
    this.#scrub = new Scrub(this.#context, (document) => this.#repairs.suspect(document));
    this.#targets = settings.peers.map(
      (url) =>
        new Target(url, {
          clock,
          random: settings.random,
          dialer: settings.dialer,
          open: (outbox, isKnown) => this.#open(outbox, 'dialer', isKnown),
          onChange: ({ state, reason }) =>
            settings.observe.notice({ event: 'link', peer: url, state, reason }),
        }),
    );
  }

  /** Reads what is remembered, and begins to dial. Nothing may be accepted before. */
  async start(): Promise<void> {
    const { memories, holdings, wallClock } = this.#context;
    const ageOf = (wallMs: number): number => Math.max(0, Math.round(wallClock() - wallMs));
    await memories.read();
    for (const { replica, name, held, isForgotten, acked } of memories.all) {
      if (isForgotten) continue;
      holdings.named(replica, name);
      if (held) {
        const { epoch, sequence, wallMs } = held;
        holdings.hold({ origin: replica, epoch, sequence, ageMs: ageOf(wallMs) });
      }
      if (acked) holdings.acked(hexOf(replica), acked.epoch, acked.sequence, ageOf(acked.wallMs));
    }
    for (const target of this.#targets) target.dial();
    this.#scrub.run();
  }

  /** A replica has dialed us. `isKnown` is called when it has proved that it is of this cluster. */
  accept(outbox: Outbox, isKnown: () => void): Session {
    return this.#open(outbox, 'accepter', isKnown);
  }

  whenHeld(sequence: Sequence, replicas: number, awaiting: Awaiting): () => void {
    return this.#confirmations.whenHeld(sequence, replicas, awaiting);
  }

  /** What the other replicas are known to hold of this one. */
  #holders(): readonly Holder[] {
    const { holdings, journal } = this.#context;
    const [own, ...others] = holdings.replicas;
    return others.map(({ replica, name }) => {
      const held = holdings.get(replica, own!.replica);
      const isHere = held !== undefined && journal.isInLineage(held.epoch, held.sequence);
      return { name: name || replica, sequence: isHere ? held.sequence : -1 };
    });
  }

  async status(): Promise<ClusterStatus> {
    return clusterStatus(this.#context, {
      targets: this.#targets,
      links: Array.from(this.#peers, ([replica, peer]) => ({
        replica,
        link: peer.link,
        counts: peer.counts,
        reconnects: Math.max(0, peer.links - 1),
        verifiedMs: verifiedOf(peer),
      })),
      regressions: this.#regressions,
      duplicateIdentities: this.#duplicateIdentities,
    });
  }

  async verify(document?: string): Promise<VerifyOutcome> {
    // Those beyond compare with others.
    const others = this.#context.holdings.replicas.filter(
      ({ replica }) => this.#peers.has(replica) || this.#targets.some((target) => target.replica === replica),
    );
    const links = await Promise.all(
      others.map(async ({ replica, name }) => {
        const link = this.#peers.get(replica)?.link;
        if (!link) return { replica, name, outcome: 'unreachable' as const, documents: [] };
        try {
          const { outcome, documents } = await link.audit(document);
          return {
            replica,
            name,
            outcome: outcome === 'too-many' ? ('divergent' as const) : outcome,
            documents: documents.slice(0, 100),
          };
        } catch {
          return { replica, name, outcome: 'unreachable' as const, documents: [] };
        }
      }),
    );
    return { links };
  }

  async forget(replica: string): Promise<boolean> {
    if (this.#peers.get(replica)?.link) throw new SyncError('forbidden', 'the replica is connected');
    const { holdings, memories } = this.#context;
    const isKnown = holdings.forget(replica);
    this.#peers.delete(replica);
    await memories.forget(replica);
    return isKnown;
  }

  /** Dials nobody any more, and ends all links. */
  stop(): void {
    this.#isStopped = true;
    this.#scrub.stop();
    this.#repairs.stop();
    for (const target of this.#targets) target.stop();
    for (const session of this.#sessions) session.end(new SyncError('going_away'));
  }

  #open(outbox: Outbox, role: Role, isKnown: () => void): PeerSession {
    const { clock, secret, journal, cluster, name, durability, maxFrameBytes } = this.#context;
    const { replica, epoch } = journal;
    const session = new PeerSession({
      clock,
      secret,
      role,
      outbox,
      introduction: { cluster, replica, epoch, name, durability, maxFrameBytes },
      onKnown: (known, peer) => {
        isKnown();
        this.#admit(known, peer);
      },
      onEnd: (ended, error) => this.#ended(ended, error),
    });
    this.#sessions.add(session);
    return session;
  }

  /** One link with each replica: of two the one is kept that the replica with the smaller id dialed. */
  #admit(session: PeerSession, peer: Introduction): void {
    const replica = hexOf(peer.replica);
    const target = this.#targetOf(session);
    if (target) target.replica = replica;
    const existing = this.#peers.get(replica);
    if (this.#isStopped) return session.end(new SyncError('going_away'));
    if (!existing?.link) return this.#link(session, peer);
    if (!isSame(existing.link.peer.epoch, peer.epoch))
      return this.#findOutWhoLives(session, peer, existing.link);
    const preferred: Role = hexOf(this.#context.journal.replica) < replica ? 'dialer' : 'accepter';
    const isOldSilent = this.#context.clock.now() - existing.link.heardMs > proveAliveMs;
    if (isOldSilent || (session.role === preferred && existing.session!.role !== preferred)) {
      existing.link.end(new SyncError('duplicate_link'));
      this.#link(session, peer);
    } else session.end(new SyncError('duplicate_link'));
  }

  /** Another process with the same identity: the one before it has ended without a word, or one of the two is a copy. */
  #findOutWhoLives(session: PeerSession, peer: Introduction, old: Link): void {
    const { clock } = this.#context;
    const askedMs = clock.now();
    clock.after(proveAliveMs, () => {
      if (session.isOver) return;
      if (!old.isOver && old.heardMs > askedMs) return session.end(new SyncError('duplicate_replica'));
      old.end(new SyncError('silent'));
      // One that has come since is the newer of the two, and this is perhaps what is left of a process that has ended.
      if (this.#peers.get(hexOf(peer.replica))?.link) session.end(new SyncError('duplicate_link'));
      else this.#admit(session, peer);
    });
  }

  #link(session: PeerSession, peer: Introduction): void {
    const { holdings, memories } = this.#context;
    const replica = hexOf(peer.replica);
    const memory = memories.came(replica);
    memory.name = peer.name;
    holdings.named(peer.replica, peer.name);
    const known = this.#expect(replica);
    if (known.epoch && !isSame(known.epoch, peer.epoch)) known.author = this.#newAuthor();
    known.epoch = peer.epoch;
    known.session = session;
    known.links++;
    known.link = new Link({
      context: this.#context,
      outbox: session.outbox,
      sinceMs: session.sinceMs,
      peer,
      memory,
      author: known.author,
      counts: known.counts,
      onEnd: (error) => {
        known.verifiedMs = verifiedOf(known);
        if (known.session === session) known.link = known.session = undefined;
        session.linkEnded(error);
      },
    });
    this.#targetOf(session)?.linked();
    for (const target of this.#targets) if (target.replica === replica) target.linkedOtherwise();
    this.#context.observe.notice({ event: 'link', peer: peer.name, state: 'linked', reason: '' });
    session.attach(known.link);
    this.#repairs.linked();
  }

  #ended(session: PeerSession, error: SyncError): void {
    this.#sessions.delete(session);
    const target = this.#targetOf(session);
    const replica = target?.replica;
    if (error.code === 'duplicate_replica') this.#isCopied(target?.url ?? session.peerName);
    if (session.role === 'accepter' && strangers.has(error.code)) this.#refused(session, error);
    if (target) {
      const other = replica === undefined ? undefined : this.#peers.get(replica)?.link;
      target.ended(error, other !== undefined && error.code === 'duplicate_link');
    }
    for (const each of this.#targets) {
      if (each.replica !== undefined && !this.#peers.get(each.replica)?.link) each.unlinked();
    }
  }

  #isCopied(peer: string): void {
    this.#duplicateIdentities++;
    this.#context.observe.notice({ event: 'duplicate-replica', peer });
  }

  /** Whoever dials may do so again and again. */
  #refused({ peerName }: PeerSession, { message }: SyncError): void {
    const { clock, observe } = this.#context;
    if (clock.now() - this.#refusedMs < refusedEveryMs) return;
    this.#refusedMs = clock.now();
    observe.notice({ event: 'link', peer: peerName || 'whoever dialed', state: 'refused', reason: message });
  }

  /** This process goes on from an older state of its memory: what it commits from now on is of another epoch. */
  async #regressed(peer: string): Promise<void> {
    const { journal, observe, clock } = this.#context;
    this.#regressions++;
    this.#regressedMs = clock.now();
    observe.notice({ event: 'regression', peer, side: 'here' });
    await journal.beginEpoch();
    for (const session of this.#sessions) session.end(new SyncError('going_away', 'it begins a new epoch'));
  }

  #links(): Link[] {
    return Array.from(this.#peers.values(), ({ link }) => link).filter((link) => link !== undefined);
  }

  #targetOf(session: PeerSession): Target | undefined {
    return this.#targets.find((target) => target.session === session);
  }

  #expect(replica: string): Peer {
    let peer = this.#peers.get(replica);
    if (!peer) {
      const author = this.#newAuthor();
      peer = {
        author,
        epoch: undefined,
        counts: noCounts(),
        links: 0,
        verifiedMs: undefined,
        link: undefined,
        session: undefined,
      };
      this.#peers.set(replica, peer);
    }
    return peer;
  }

  #newAuthor(): PeerAuthor {
    const author = new PeerAuthor(this.#context.documents);
    this.#authors.add(author);
    return author;
  }
}

function verifiedOf({ link, verifiedMs }: Peer): number | undefined {
  return link?.verifiedMs ?? verifiedMs;
}
