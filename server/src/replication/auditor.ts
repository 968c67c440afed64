// Proof, and repair of whatever push and feed got wrong: compares the digest tree of a source with ours, from its branches down to
// the documents that differ, and fetches those. What is on its way is told from what is amiss by the positions of both feeds.
//
// An audit looks at leaves one after another; documents change meanwhile. That a leaf was found equal says that everything the
// source had in it when it answered is here.
import { documentName, type DocumentName, SyncError } from '@syncline/shared';
import { compareLives } from '../core/visit.ts';
import { CommitFailed, type Listing } from '../port/journal.ts';
import { branchCount, leafOf, sumBytes } from '../digest/tree.ts';
import { AuditQuestions } from './audit-questions.ts';
import type { ReplicationContext } from './context.ts';
import type { LinkCount } from './contract.ts';
import { auditWithinMs, maxLeavesAsked, maxLeavesAudited, maxNamed, pageListings } from './limits.ts';
import type { AtSource, Lives } from './lives.ts';
import type { Change, Message } from './messages.ts';
import type { Puller } from './puller.ts';
import { isSame } from './replica-id.ts';

/** What came of an audit. */
export interface Audited {
  readonly outcome: 'equal' | 'repaired' | 'divergent' | 'busy' | 'too-many';
  /** Documents in which something was fetched, or in which the difference remains; `maxNamed` of each. */
  readonly documents: readonly string[];
  /** The source's head when the audit began: everything up to there was looked at. */
  readonly head: number;
}

export interface AuditorSettings {
  readonly context: ReplicationContext;
  readonly lives: Lives;
  readonly puller: Puller;
  readonly say: (message: Message) => void;
  readonly count: (what: LinkCount, by?: number) => void;
  /** How much of ours the source has told on this link that it has committed. */
  readonly acked: () => number;
}

/** What is audited: all documents or one; `isBlind` when nothing is known of the positions, so that every difference is fetched. */
export interface Scope {
  readonly document?: string;
  readonly isBlind?: boolean;
}

export class Auditor {
  readonly #settings: AuditorSettings;
  readonly #questions: AuditQuestions;
  #running: Promise<unknown> | undefined;
  #isClosed = false;

  constructor(settings: AuditorSettings) {
    this.#settings = settings;
    this.#questions = new AuditQuestions(settings.context.clock, settings.say);
  }

  /** Compares the documents. Rejects when the link ends, or is to end since the source does not answer as a replica does. */
  run(scope: Scope = {}): Promise<Audited> {
    return this.#inTurn(() => this.#run(scope));
  }

  /** A document as the source has it. Rejects as `run` does. */
  async entry(document: string): Promise<Change | undefined> {
    return (await this.#inTurn(() => this.#questions.leaf(leafOf(document)))).get(document);
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.#running) await this.#running.catch(() => undefined);
    if (this.#isClosed) throw new SyncError('going_away');
    this.#questions.begin();
    const running = work().finally(() => (this.#running = undefined));
    this.#running = running;
    return running;
  }

  answered(message: Extract<Message, { say: 'sums' | 'leaf' }>): void {
    this.#questions.answered(message);
  }

  close(): void {
    this.#isClosed = true;
    this.#questions.close();
  }

  async #run(scope: Scope): Promise<Audited> {
    const { clock } = this.#settings.context;
    const untilMs = clock.now() + auditWithinMs;
    const found = new Found();
    const differing = await this.#unequalLeaves(scope.document);
    // Where nothing is known, what was not compared is not here: all of the feed is to be read then.
    const notDone = scope.isBlind ? 'too-many' : 'busy';
    if (!differing) return { outcome: notDone, documents: [], head: 0 };
    const { head, leaves } = differing;
    if (leaves.length > maxLeavesAudited) {
      // Of a replica that has just come nothing else is to be expected.
      const outcome = !scope.isBlind && this.#isUnderWay ? 'busy' : 'too-many';
      return { outcome, documents: [], head };
    }
    for (let at = 0; at < leaves.length; at += maxLeavesAsked) {
      if (clock.now() > untilMs && scope.isBlind) return { outcome: notDone, documents: [], head };
      found.isBusy ||= clock.now() > untilMs;
      if (clock.now() > untilMs) break;
      await Promise.all(leaves.slice(at, at + maxLeavesAsked).map((leaf) => this.#leaf(leaf, scope, found)));
    }
    this.#settings.count('auditRepairedDocuments', found.repairedCount);
    return { outcome: found.outcome, documents: found.documents, head };
  }

  /** Whether one of the two has still to hear of what the other has. */
  get #isUnderWay(): boolean {
    const { context, puller, acked } = this.#settings;
    return !puller.isDrained || acked() < context.journal.lastSequence;
  }

  /**
   * The leaves in which source and sink differ, or that of a document, and the source's head before any of them was compared.
   * Undefined while one of the trees is not there.
   */
  async #unequalLeaves(document?: string): Promise<{ head: number; leaves: number[] } | undefined> {
    const theirs = await this.#questions.sums(0);
    if (!theirs) return undefined;
    if (document !== undefined) return { head: theirs.head, leaves: [leafOf(document)] };
    const leaves: number[] = [];
    for (const branch of unequal(theirs.sums, await this.#own('branches'))) {
      const below = await this.#questions.sums(branch + 1);
      if (!below) return undefined;
      for (const leaf of unequal(below.sums, await this.#own(branch)))
        leaves.push(branch * branchCount + leaf);
    }
    return { head: theirs.head, leaves };
  }

  /** Compares the documents of one leaf, and fetches those of the source that differ for no reason that is known. */
  async #leaf(leaf: number, { document, isBlind = false }: Scope, found: Found): Promise<void> {
    const theirs = await this.#questions.leaf(leaf);
    // Only now: what has come here since is told by its sequence from what they lack.
    const own = await this.#ownLeaf(leaf);
    const names = document === undefined ? new Set([...theirs.keys(), ...own.keys()]) : [document];
    let isExplained = document !== undefined;
    const repairs: Promise<void>[] = [];
    for (const name of names) {
      const pair = { theirs: theirs.get(name), own: own.get(name) };
      const difference = differenceOf(pair);
      if (difference === 'none') continue;
      isExplained = true;
      if (!isBlind && this.#isOnItsWay(pair)) found.isBusy = true;
      else if (difference === 'ours-to-learn')
        repairs.push(this.#learn(documentName(name), pair.theirs!, isBlind, found));
      // The source's own audit finds that it lacks this; or it is not what it says.
      else if (!isBlind) found.isDivergent(name);
    }
    await Promise.all(repairs);
    // The leaves differ, and their documents do not: they have changed since, or the sums are not theirs.
    if (!isExplained) found.isBusy = true;
  }

  #isOnItsWay({ theirs, own }: Pair): boolean {
    const { puller, acked } = this.#settings;
    return (
      (theirs !== undefined && theirs.sequence > (puller.position?.position ?? 0)) ||
      (own !== undefined && own.sequence > acked())
    );
  }

  async #learn(name: DocumentName, entry: Change, isBlind: boolean, found: Found): Promise<void> {
    const { engine, incarnation } = entry;
    const life: AtSource = { engine, incarnation, isDeleted: entry.isDeleted === 1 };
    try {
      if (await this.#repair(name, life)) found.isRepaired(name);
      // The source lacks something of ours, which its own audit finds; or one of the two is not what it says.
      else if (!isBlind) found.isDivergent(name);
    } catch (error) {
      if (isBlind || !(error instanceof CommitFailed)) throw error;
      // Where nothing can be written there is nothing to be proved either.
      found.isBusy = true;
    }
  }

  async #repair(name: DocumentName, life: AtSource): Promise<boolean> {
    const { context, puller } = this.#settings;
    try {
      if (!life.isDeleted) return await puller.applier.repair(name, life);
      const visit = context.documents.visit(name, life.engine);
      await this.#settings.lives.follow(visit, life).finally(() => visit.end());
      puller.applier.stuck.remove(name);
      return true;
    } catch (error) {
      if (error instanceof CommitFailed) throw error;
      puller.applier.isStuck(name, life, error);
      return false;
    }
  }

  async #own(of: 'branches' | number): Promise<Uint8Array> {
    for (;;) {
      const own = await this.#settings.context.journal.sums(of);
      if (own) return own.sums;
      await this.#questions.pause();
    }
  }

  async #ownLeaf(leaf: number): Promise<ReadonlyMap<string, Listing>> {
    const own = new Map<string, Listing>();
    for (let isRead = false, after = ''; !isRead;) {
      const page = await this.#settings.context.journal.leaf(leaf, after, pageListings);
      for (const listing of page.listings) own.set(listing.name, listing);
      after = page.listings.at(-1)?.name ?? '';
      isRead = page.isLast;
    }
    return own;
  }
}

/** What an audit has come upon. */
class Found {
  readonly #repaired: string[] = [];
  readonly #divergent: string[] = [];
  repairedCount = 0;
  isBusy = false;

  isRepaired(name: string): void {
    this.repairedCount++;
    if (this.#repaired.length < maxNamed) this.#repaired.push(name);
  }

  isDivergent(name: string): void {
    if (this.#divergent.length < maxNamed) this.#divergent.push(name);
  }

  get documents(): readonly string[] {
    return [...this.#repaired, ...this.#divergent];
  }

  get outcome(): 'equal' | 'repaired' | 'divergent' | 'busy' {
    if (this.#divergent.length > 0) return 'divergent';
    if (this.#repaired.length > 0) return 'repaired';
    return this.isBusy ? 'busy' : 'equal';
  }
}

/** One document as it is at the source, and here. */
interface Pair {
  readonly theirs: Change | undefined;
  readonly own: Listing | undefined;
}

/** The indexes of the sums that differ. */
function unequal(theirs: Uint8Array, own: Uint8Array): number[] {
  const differing: number[] = [];
  for (let at = 0; at < theirs.length; at += sumBytes) {
    if (!isSame(theirs.subarray(at, at + sumBytes), own.subarray(at, at + sumBytes)))
      differing.push(at / sumBytes);
  }
  return differing;
}

function differenceOf({ theirs, own }: Pair): 'none' | 'theirs-to-learn' | 'ours-to-learn' {
  if (!theirs) return own ? 'theirs-to-learn' : 'none';
  if (!own) return 'ours-to-learn';
  const order = compareLives({ incarnation: theirs.incarnation, isDeleted: theirs.isDeleted === 1 }, own);
  if (order !== 0) return order < 0 ? 'theirs-to-learn' : 'ours-to-learn';
  return own.isDeleted || isSame(theirs.digest, own.digest) ? 'none' : 'ours-to-learn';
}
