// Mistakes that a server or a client of this kind is likely to be written with, as changes to the shipped source: each has to
// be found out within the seeds of a run.

export interface Mistake {
  readonly name: string;
  /** From the root of the project. */
  readonly file: string;
  /** Has to be in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export const mistakes: readonly Mistake[] = [
  {
    name: 'acknowledge-before-commit',
    file: 'server/src/core/document.ts',
    find: 'this.#queued.push({ update: trimmed, addition, author, hasGap, tickets: ticket ? [ticket] : [] });',
    replace:
      'this.#queued.push({ update: trimmed, addition, author, hasGap, tickets: [] }); ticket?.settled(true);',
  },
  {
    name: 'fan-out-before-commit',
    file: 'server/src/core/document.ts',
    find: 'this.#isFingerprintWanted = false;\n    return {',
    replace: `this.#isFingerprintWanted = false;
    const before = this.head;
    this.#recent.add(new LiveEntry(before, ++this.head, this.#bundleByAuthor(this.#committing)));
    for (const channel of this.channels) channel.advance();
    this.head = before;
    return {`,
  },
  {
    name: 'clear-pending-on-send',
    file: 'client/src/sync/channel-state.ts',
    find: 'const pending = [...state.pending, ...batches];',
    replace: 'const { pending } = state;',
  },
  {
    name: 'resume-one-too-far',
    file: 'server/src/dialect/native/session.ts',
    find: 'channel.resumed(resume.position)',
    replace: 'channel.resumed(resume.position + 1)',
  },
  {
    name: 'drop-the-tail-at-compaction',
    file: 'server/src/core/compactor.ts',
    find: 'await this.#replace(head, compaction, []);',
    replace: 'await this.#replace({ ...head, sequence: document.head }, compaction, []);',
  },
  {
    name: 'ignore-deletions-in-no-op-detection',
    file: 'server/src/engine/yjs/held-set.ts',
    find: 'return added.length === 0 ? undefined',
    replace: 'return added.every((value, at) => at % 4 !== 0 || value === deletedKind) ? undefined',
  },
  {
    name: 'accept-any-epoch',
    file: 'server/src/dialect/native/session.ts',
    find: 'this.#settings.isInLineage(epoch, headSeen)',
    replace: 'epoch.length > 0',
  },
  {
    name: 'acknowledge-a-repeated-update-at-once',
    file: 'server/src/core/document.ts',
    find: 'if (ticket) this.#share(charged(ticket, author));',
    replace: 'ticket?.settled(true);',
  },
  {
    name: 'take-an-answer-for-an-acknowledgement',
    file: 'server/src/core/channel.ts',
    find: '} while (!(await this.#document.committed()));',
    replace: '} while (false);',
  },
  {
    name: 'believe-that-nothing-is-lacking',
    file: 'client/src/sync/channel-state.ts',
    find: 'mayLack: !isEmpty,',
    replace: 'mayLack: false,',
  },
  {
    name: 'forget-what-was-there-before-the-first-edit',
    file: 'client/src/sync/channel-state.ts',
    find: '{ firstEdit: 0, edits: 0,',
    replace: '{ firstEdit: 1, edits: 0,',
  },
  {
    name: 'keep-what-a-failed-commit-lost',
    file: 'server/src/core/document.ts',
    find: 'version.withdraw(addition);\n      this.#pendingBytes',
    replace: 'void addition;\n      this.#pendingBytes',
  },
  {
    name: 'trust-a-silent-link',
    file: 'client/src/sync/connection.ts',
    find: "return this.#lost('silent');",
    replace: 'this.#heardMs = now;',
  },
];
