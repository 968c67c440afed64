// Whether the documents of two linked replicas are equal, and since when that is known: by their roots at every beat, and by an audit
// where the roots go on being different.
import type { Audited, Auditor } from './auditor.ts';
import type { ReplicationContext } from './context.ts';
import type { LinkCount } from './contract.ts';
import { auditAfterMs, maxAuditPauseMs, minAuditPauseMs } from './limits.ts';
import type { Puller } from './puller.ts';
import { isSame } from './replica-id.ts';

export interface VerificationSettings {
  readonly context: ReplicationContext;
  /** What the other replica is called. */
  readonly peer: string;
  readonly auditor: Auditor;
  readonly puller: Puller;
  readonly counts: Record<LinkCount, number>;
  /** What of this replica's commits the other one has said that it has. */
  readonly acknowledged: () => number;
  /** An audit is not answered as a replica answers. */
  readonly onError: (error: unknown) => void;
}

export class Verification {
  readonly #settings: VerificationSettings;
  /** Since when the roots are different, and how far this replica was then. */
  #differs: { readonly sinceMs: number; readonly head: number } | undefined;
  #nextAuditMs = 0;
  #pauseMs = minAuditPauseMs;
  #verifiedMs: number | undefined;
  #divergent = 0;
  #isClosed = false;

  constructor(settings: VerificationSettings) {
    this.#settings = settings;
  }

  /** When they were last found to be equal, by our clock. */
  get verifiedMs(): number | undefined {
    return this.#verifiedMs;
  }

  /** Documents in which the last audit found a difference that it could not explain. */
  get divergentDocuments(): number {
    return this.#divergent;
  }

  /** Everything is here that the other replica had when it said that this was its root. */
  async compare(theirs: Uint8Array, saidAtMs: number): Promise<void> {
    const { journal, clock } = this.#settings.context;
    try {
      const own = await journal.sums('root');
      if (this.#isClosed || !own || theirs.length === 0) return;
      if (isSame(own.sums, theirs)) return this.#verified(saidAtMs);
      const now = clock.now();
      this.#differs ??= { sinceMs: now, head: journal.lastSequence };
      const forMs = now - this.#differs.sinceMs;
      // Whoever has not heard of what was here then has a reason to be different: a newcomer, for instance.
      const isBehind = this.#settings.acknowledged() < this.#differs.head && forMs < maxAuditPauseMs;
      if (isBehind || forMs < auditAfterMs || now < this.#nextAuditMs) return;
      this.#nextAuditMs = now + this.#pauseMs;
      this.#pauseMs = Math.min(this.#pauseMs * 2, maxAuditPauseMs);
      await this.audit();
    } catch (error) {
      if (!this.#isClosed) this.#settings.onError(error);
    }
  }

  /** Compares the trees now, or one document. Rejects when the link ends, and ends it where it is not answered as it should be. */
  async audit(document?: string): Promise<Audited> {
    const { context, puller } = this.#settings;
    const audited = await this.#run(document === undefined ? {} : { document });
    this.#count(audited);
    const { outcome, documents } = audited;
    // More than is worth comparing: what the feed tells of it all is compared instead.
    if (outcome === 'too-many' && puller.isDrained) puller.resumeFromBeginning();
    if (document !== undefined) return audited;
    this.#divergent = outcome === 'divergent' ? documents.length : 0;
    // What was fetched makes both equal, and is looked at once more when the roots have been heard again.
    if (outcome === 'equal') this.#verified(context.clock.now());
    return audited;
  }

  /** The source's log and ours have parted: what is there is compared, document by document, before the sink goes on. */
  async auditToResume(): Promise<void> {
    const { puller, onError } = this.#settings;
    try {
      const { outcome, head } = await this.#run({ isBlind: true });
      if (this.#isClosed) return;
      if (outcome === 'too-many') puller.resumeFromBeginning();
      else puller.resumeAt(head);
    } catch (error) {
      if (!this.#isClosed) onError(error);
    }
  }

  close(): void {
    this.#isClosed = true;
  }

  async #run(scope: Parameters<Auditor['run']>[0]): Promise<Audited> {
    try {
      return await this.#settings.auditor.run(scope);
    } catch (error) {
      if (!this.#isClosed) this.#settings.onError(error);
      throw error;
    }
  }

  #count({ outcome, documents }: Audited): void {
    const { context, counts, peer } = this.#settings;
    if (outcome === 'equal') counts.auditEqual++;
    else if (outcome === 'repaired') counts.auditRepaired++;
    else if (outcome === 'divergent') counts.auditDivergent++;
    else counts.auditBusy++;
    if (outcome === 'repaired')
      context.observe.notice({ event: 'audit-repaired', peer, documents: documents.length });
  }

  #verified(atMs: number): void {
    this.#verifiedMs = Math.max(this.#verifiedMs ?? 0, atMs);
    this.#differs = undefined;
    this.#divergent = 0;
    this.#pauseMs = minAuditPauseMs;
    this.#nextAuditMs = 0;
  }
}
