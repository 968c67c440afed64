// The scrub over a journal in memory, with time in the test's hands.
import { maxBusyBytes, scrubbedDocuments, scrubMs } from '@syncline/server/replication/limits.ts';
import { Scrub } from '@syncline/server/replication/scrub.ts';
import { enginesOf } from '@syncline/server/port/engine.ts';
import { documentName, type DocumentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { follow } from '../contract/journal-drafts.ts';
import { Author, Core } from '../core/core.ts';
import { until } from '../support/until.ts';

class Scrubbed extends Core {
  readonly found: DocumentName[] = [];
  queuedBytes = 0;
  readonly scrub: Scrub;

  constructor() {
    super();
    const { clock, engine, journal, observed: observe } = this;
    const queuedBytes = (): number => this.queuedBytes;
    const documents = {
      get queuedBytes() {
        return queuedBytes();
      },
    };
    const engines = enginesOf(engine);
    this.scrub = new Scrub({ clock, engines, journal, observe, documents }, (name) => this.found.push(name));
    this.scrub.run();
  }

  /** Documents of one update each, as a client would have made them. */
  async fill(count: number): Promise<DocumentName[]> {
    const names = Array.from({ length: count }, (_, at) => documentName(`notes/${at}`));
    for (const [at, name] of names.entries()) {
      const update = new Author(at + 1).type('words');
      const version = await this.engine.version(undefined, [update]);
      const content = { updates: [update], digest: version.digest() };
      const draft = { engine: 'yjs', document: undefined, previous: 0, incarnation: 1, ...content } as const;
      await this.journal.append(name, () => draft);
    }
    return names;
  }

  get looked(): number {
    return this.observed.scrubs.length + this.found.length;
  }

  /** Lets a round begin, and resolves when so many documents have been looked at in all. */
  async round(looked: number): Promise<void> {
    this.clock.advance(scrubMs);
    await until(`${looked} documents are looked at`, () => {
      this.clock.advance(0);
      return this.looked >= looked;
    });
    await settle(this);
  }
}

/** Everything that is due and follows from itself has been done. */
async function settle({ clock }: Core): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    clock.advance(0);
    await new Promise(setImmediate);
  }
}

it('[SCR1] every document is read through, some at a time, and then all of them again', async () => {
  await using core = new Scrubbed();
  const count = scrubbedDocuments * 2 + 30;
  await core.fill(count);
  expect(core.looked).toBe(0);
  for (const looked of [scrubbedDocuments, scrubbedDocuments * 2, count, count + scrubbedDocuments]) {
    await core.round(looked);
    expect(core.looked).toBe(looked);
  }
  expect(core.observed.scrubs).toEqual(Array(count + scrubbedDocuments).fill('ok'));
  core.scrub.stop();
});

it('[SCR1] a row that is damaged is found, and a digest that is not of what is stored', async () => {
  await using core = new Scrubbed();
  const names = await core.fill(5);
  core.journal.damage(names[1]!, { of: 'log', place: 2 });
  const update = new Author(99).type('more');
  await follow(core.journal, { updates: [update], fill: 9 }, names[3]);
  await core.round(5);
  expect(core.found).toEqual([names[1], names[3]]);
  expect(core.observed.scrubs).toEqual(['ok', 'ok', 'ok']);
  core.scrub.stop();
});

it('[SCR1] a server that has other things to do does them first', async () => {
  await using core = new Scrubbed();
  await core.fill(3);
  core.queuedBytes = maxBusyBytes + 1;
  core.clock.advance(scrubMs);
  await settle(core);
  expect(core.looked).toBe(0);
  core.queuedBytes = 0;
  await core.round(3);
  expect(core.looked).toBe(3);
  core.scrub.stop();
});
