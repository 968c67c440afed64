// Mistakes that a server or a client of this kind is likely to be written with, as changes to the shipped source: each has to
// be found out within the seeds of a run.

export interface Mistake {
  readonly name: string;
  /** One that shows it, tried before any other: `npm run simulate -- --mistakes` says which is the first. */
  readonly seed: number;
  /** Whether it takes a cluster to find it. */
  readonly isCluster?: boolean;
  /** From the root of the project. */
  readonly file: string;
  /** Has to be in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

const all: readonly Mistake[] = [
  {
    name: 'acknowledge-before-commit',
    seed: 1,
    file: 'server/src/core/document.ts',
    find: 'this.#pending.add({ update: trimmed, addition, author, hasGap, tickets: ticket ? [ticket] : [] });',
    replace:
      'this.#pending.add({ update: trimmed, addition, author, hasGap, tickets: [] }); ticket?.settled(true);',
  },
  {
    name: 'fan-out-before-commit',
    seed: 1,
    file: 'server/src/core/document.ts',
    find: 'this.#digestOfDraft = version.digest();\n    return {',
    replace: `this.#digestOfDraft = version.digest();
    const before = this.head;
    this.#recent.add(new LiveEntry(before, ++this.head, bundleByAuthor(updates, this.engine)));
    for (const channel of this.channels) channel.advance();
    this.head = before;
    return {`,
  },
  {
    name: 'clear-pending-on-send',
    seed: 1,
    file: 'client/src/sync/channel-state.ts',
    find: 'const pending = [...state.pending, ...batches];',
    replace: 'const { pending } = state;',
  },
  {
    name: 'resume-one-too-far',
    seed: 1,
    file: 'server/src/dialect/native/session.ts',
    find: 'channel.resumed(resume.position)',
    replace: 'channel.resumed(resume.position + 1)',
  },
  {
    name: 'drop-the-tail-at-compaction',
    seed: 4,
    file: 'server/src/core/compactor.ts',
    find: 'await this.#replace(head, compaction, []);',
    replace: 'await this.#replace({ ...head, sequence: document.head }, compaction, []);',
  },
  {
    name: 'ignore-deletions-in-no-op-detection',
    seed: 1,
    file: 'server/src/engine/yjs/held-set.ts',
    find: 'return added.length === 0 ? undefined',
    replace: 'return added.every((value, at) => at % 4 !== 0 || value === deletedKind) ? undefined',
  },
  {
    name: 'accept-any-epoch',
    seed: 3,
    file: 'server/src/dialect/native/session.ts',
    find: 'this.#settings.isInLineage(epoch, headSeen)',
    replace: 'epoch.length > 0',
  },
  {
    name: 'acknowledge-a-repeated-update-at-once',
    seed: 18,
    file: 'server/src/core/document.ts',
    find: 'if (ticket) this.#pending.share(charged(ticket, author));',
    replace: 'ticket?.settled(true);',
  },
  {
    name: 'take-an-answer-for-an-acknowledgement',
    seed: 45,
    file: 'server/src/core/channel.ts',
    find: '} while (!(await this.#document.committed()));',
    replace: '} while (false);',
  },
  {
    name: 'believe-that-nothing-is-lacking',
    seed: 2,
    file: 'client/src/sync/channel-state.ts',
    find: 'mayLack: !isEmpty,',
    replace: 'mayLack: false,',
  },
  {
    name: 'forget-what-was-there-before-the-first-edit',
    seed: 2,
    file: 'client/src/sync/channel-state.ts',
    find: '{ firstEdit: 0, edits: 0,',
    replace: '{ firstEdit: 1, edits: 0,',
  },
  {
    name: 'keep-what-a-failed-commit-lost',
    seed: 1,
    file: 'server/src/core/document.ts',
    find: 'version.withdraw(each.addition);',
    replace: '',
  },
  {
    name: 'trust-a-silent-link',
    seed: 3,
    file: 'client/src/sync/connection.ts',
    find: "return this.#lost('silent');",
    replace: 'this.#heardMs = now;',
  },
  {
    name: 'leave-what-a-tab-had-not-sent',
    seed: 15,
    file: 'client/src/local/other-tabs.ts',
    find: 'synced.inherit();',
    replace: '',
  },
  {
    name: 'forget-what-a-tab-had-not-kept',
    seed: 144,
    file: 'client/src/local/other-tabs.ts',
    find: 'local?.inherit();',
    replace: '',
  },
  {
    name: 'take-back-what-was-not-sent',
    seed: 57,
    file: 'client/src/local/local-document.ts',
    find: 'synced.takeIn(kept.updates);\n      this.#through',
    replace: 'this.#through',
  },
  {
    name: 'forget-what-is-pending-without-a-token',
    seed: 1,
    file: 'client/src/sync/synced-content.ts',
    find: 'connectionChanged(): void {',
    replace:
      'connectionChanged(): void { if (this.#link.rejection) this.#state = { ...this.#state, pending: [] };',
  },
  {
    name: 'take-a-renewal-for-accepted',
    seed: 9,
    file: 'client/src/sync/connection.ts',
    find: "return this.say({ say: 'renew', token });",
    replace: "this.#credentials.accepted(); return this.say({ say: 'renew', token });",
  },
  {
    name: 'take-the-end-of-a-token-for-that-of-the-next',
    seed: 22,
    file: 'client/src/sync/connection.ts',
    find: "return this.#isJudging && code === 'token_expired';",
    replace: 'return code === undefined;',
  },
  {
    name: 'give-up-where-a-token-ends',
    seed: 25,
    file: 'client/src/sync/connection.ts',
    find: "const isReplaced = error.code === 'token_expired'",
    replace: 'const isReplaced = error.code === undefined',
  },
  {
    name: 'a-reader-is-told-that-it-may-write',
    seed: 1,
    file: 'server/src/dialect/native/channel-speaker.ts',
    find: "level: mayWrite ? 'write' : 'read'",
    replace: "level: mayWrite ? 'write' : 'write'",
  },
  {
    name: 'plain-since',
    seed: 2,
    isCluster: true,
    file: 'server/src/replication/feeder.ts',
    find: 'return position <= headSeen && this.#settings.journal.isInLineage(epoch, headSeen);',
    replace: 'return position <= headSeen && epoch.length > 0;',
  },
  {
    name: 'newer-than-mine-sends-all-again',
    seed: 2,
    isCluster: true,
    file: 'server/src/replication/feeder.ts',
    find: 'return position <= headSeen && this.#settings.journal.isInLineage(epoch, headSeen);',
    replace: 'return epoch.length > 0 && position <= this.#settings.journal.lastSequence;',
  },
  {
    name: 'epochs-without-the-head-seen',
    seed: 70,
    isCluster: true,
    file: 'server/src/replication/feeder.ts',
    find: 'return position <= headSeen && this.#settings.journal.isInLineage(epoch, headSeen);',
    replace: 'return position <= headSeen && this.#settings.journal.isInLineage(epoch, position);',
  },
  {
    name: 'checkpoint-before-its-data',
    seed: 1,
    isCluster: true,
    file: 'server/src/replication/intake.ts',
    find: 'if (range.open > 0 || range.undrafted > 0) break;\n      drafted',
    replace: 'drafted',
  },
  {
    name: 'acknowledge-a-range-before-its-commit',
    seed: 1,
    isCluster: true,
    file: 'server/src/replication/intake.ts',
    find: 'if (range.open > 0 || range.unsettled > 0) break;',
    replace: 'if (range.open > 0) break;',
  },
  {
    name: 'take-what-a-failed-commit-lost-for-fetched',
    seed: 23,
    isCluster: true,
    file: 'server/src/replication/fetches.ts',
    find: 'await visit.request(want.outcome)',
    replace: 'await visit.request(() => ({ settled() {} }))',
  },
  {
    name: 'suppress-echoes-by-document',
    seed: 2,
    isCluster: true,
    file: 'server/src/replication/feeder.ts',
    find: 'if (news.length === 0 && commit.pieces.length > 0) {',
    replace: 'if (news.length < commit.pieces.length) {',
  },
  {
    name: 'push-without-a-look-for-gaps',
    seed: 2,
    isCluster: true,
    file: 'server/src/replication/puller.ts',
    find: 'if (from > intake.told) return this.#resumeFromHere();',
    replace: 'if (from > intake.told) void from;',
  },
  {
    name: 'claim-at-the-beat',
    seed: 1,
    isCluster: true,
    file: 'server/src/replication/link.ts',
    find: 'this.#heartbeat.held(held);',
    replace: 'this.#heartbeat.held(Infinity);',
  },
  {
    name: 'a-deletion-loses-to-an-edit',
    seed: 3,
    isCluster: true,
    file: 'server/src/core/visit.ts',
    find: 'a.incarnation - b.incarnation || Number(a.isDeleted) - Number(b.isDeleted)',
    replace: 'a.incarnation - b.incarnation',
  },
  {
    name: 'audit-without-deletions',
    seed: 54,
    isCluster: true,
    file: 'server/src/replication/auditor.ts',
    find: 'await this.#settings.lives.follow(visit, life).finally(() => visit.end());',
    replace: 'visit.end();',
  },
  {
    name: 'drop-the-head-seen-within-an-epoch',
    seed: 16,
    isCluster: true,
    file: 'server/src/replication/puller.ts',
    find: 'return { epoch: this.#settings.epoch, position, headSeen };',
    replace: 'return { epoch: this.#settings.epoch, position, headSeen: position };',
  },
  {
    name: 'forget-what-was-buried',
    seed: 103,
    isCluster: true,
    file: 'server/src/core/document.ts',
    find: 'of head?.buried ?? []) buried.push(',
    replace: 'of [] as Uint8Array[]) buried.push(',
  },
  {
    name: 'a-position-of-one-replica-is-said-to-another',
    seed: 2,
    isCluster: true,
    file: 'client/src/sync/channel-state.ts',
    find: 'const isKnown = state.resume !== undefined &&',
    replace: `const { resume: last } = state;
  state = { ...state, resume: last && { ...last, replica, epoch: state.server!.epoch } };
  const isKnown = state.resume !== undefined &&`,
  },
  {
    name: 'never-try-the-next-replica',
    seed: 48,
    isCluster: true,
    file: 'client/src/sync/addresses.ts',
    find: 'this.#at = (this.#at + 1) % this.#urls.length;',
    replace: '',
  },
  {
    name: 'count-whoever-was-met-as-a-holder',
    seed: 51,
    isCluster: true,
    file: 'server/src/replication/confirmations.ts',
    find: 'holder.sequence < sequence)',
    replace: 'holder.sequence < -1)',
  },
];

/** Of those of one server, and those that it takes a cluster to find. */
export const mistakes = all.filter(({ isCluster }) => !isCluster);
export const clusterMistakes = all.filter(({ isCluster }) => isCluster);
