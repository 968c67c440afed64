// A document as it is kept on a device, by seeds: pages that type, receive, end in the midst of a transaction and begin again, two at
// once, on a device that is full, closed and cleared away.
import { Keeper } from '@syncline/client/local/keeper.ts';
import { LocalDocument } from '@syncline/client/local/local-document.ts';
import type { Platform } from '@syncline/client/sync/platform.ts';
import { SyncedContent } from '@syncline/client/sync/synced-content.ts';
import { yjsContent } from '@syncline/client/yjs/content.ts';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { Device } from '../simulate/world/device.ts';
import { Life, Schedule } from '../simulate/world/schedule.ts';
import { SeededRandom } from '../support/random.ts';

const document = 'notes';

/** A page that has the document open. */
class Page {
  readonly doc = new Y.Doc();
  readonly local: LocalDocument;
  readonly keeper: Keeper;
  readonly #life: Life;
  readonly #content: SyncedContent;
  readonly #letters: () => string;
  readonly #device: Device;
  hasLoaded = false;
  /** What the device is said to have. */
  safe: string[] = [];
  /** What has been typed in this page. */
  typed: string[] = [];

  constructor(name: string, device: Device, { life, letters }: { life: Life; letters: () => string }) {
    this.#life = life;
    this.#letters = letters;
    this.#device = device;
    const platform = platformOf(life);
    this.keeper = new Keeper(device.openFor(life), platform, { changed: () => {} });
    const content = yjsContent(this.doc);
    const subject = { channel: 1, document, content };
    const link = { platform, rejection: undefined, say: () => {} };
    this.#content = new SyncedContent(subject, link, {
      changed: () => this.local.heard(),
      edited: (updates) => this.local.edited(updates),
      received: (updates) => this.local.received(updates),
      presence: () => {},
      presenceLost: () => {},
    });
    const parts = {
      name: document,
      content,
      synced: this.#content,
      keeper: this.keeper,
      platform,
      tab: name,
    };
    this.local = new LocalDocument({ ...parts, changed: () => {} });
    void this.local.load().then(() => (this.hasLoaded = true));
  }

  /** Every word is another one, so that it can be found again. */
  type(): void {
    const word = this.#letters();
    this.typed.push(word);
    const text = this.doc.getText('content');
    text.insert(text.length, `${word} `);
  }

  save(): void {
    const typed = [...this.typed];
    const device = this.#device.clears;
    this.local.saved().then(
      // What was kept before the device was cleared is gone with it.
      () => this.#life.isOver || device < this.#device.clears || (this.safe = typed),
      () => {},
    );
  }

  get isSaved(): boolean {
    return this.#content.isSaved;
  }

  get words(): string[] {
    return this.doc.getText('content').toJSON().split(' ').filter(Boolean);
  }

  /** The page is gone without a word. */
  vanish(): void {
    this.#life.end();
  }
}

function platformOf(life: Life): Platform {
  return {
    now: () => life.now(),
    epochMs: () => life.now() + 1_000_000,
    after: (delayMs, action) => {
      const timer = life.after(delayMs, action);
      return () => timer.cancel();
    },
    fraction: () => 0.5,
    connect: () => {
      throw new Error('nobody connects');
    },
    onOnline: () => () => {},
    report: (error) => {
      throw error;
    },
  };
}

function keptWords(device: Device): string[] {
  const doc = new Y.Doc();
  for (const update of device.kept(document)?.updates ?? []) Y.applyUpdate(doc, update);
  return doc.getText('content').toJSON().split(' ').filter(Boolean);
}

function missing(wanted: Iterable<string>, words: readonly string[]): string[] {
  const there = new Set(words);
  return [...wanted].filter((word) => !there.has(word));
}

/** Gives how often something rare has happened. */
async function run(seed: number): Promise<{ snapshots: number; failures: number; clears: number }> {
  const random = new SeededRandom(seed);
  const schedule = new Schedule(random);
  const device = new Device(random);
  const rare = { snapshots: 0, failures: 0, clears: 0 };
  let count = 0;
  const begin = (name: string): Page => {
    const life = new Life(schedule);
    return new Page(name, device, { life, letters: () => `w${count++}` });
  };
  /** What must be there whatever happens to the pages. */
  const promised = new Set<string>();
  const pages = [begin('a0'), begin('b0')];
  const expectPromises = (): void => {
    const words = keptWords(device);
    expect(missing(promised, words), `seed ${seed}: nothing is missing`).toEqual([]);
    expect(new Set(words).size, `seed ${seed}: nothing is doubled`).toBe(words.length);
  };
  for (let step = 0; step < 120; step++) {
    const at = random.below(2);
    const page = pages[at]!;
    const kind = random.below(40);
    if (kind < 22) page.type();
    else if (kind < 28) page.save();
    else if (kind < 30) {
      // Enough for a snapshot.
      for (let typed = 0; typed < 510; typed++) {
        page.type();
        if (typed % 3 === 0) await schedule.run(schedule.now() + 1);
      }
    } else if (kind < 32) {
      page.vanish();
      pages[at] = begin(`${at}.${step}`);
    } else if (kind < 34) {
      device.trouble = device.trouble ? undefined : random.pick(['full', 'closed'] as const);
      rare.failures++;
    } else if (kind === 34 && random.oneIn(4)) {
      device.clear();
      promised.clear();
      for (const each of pages) each.safe = [];
      rare.clears++;
    }
    await schedule.run(schedule.now() + random.below(120));
    for (const { safe } of pages) for (const word of safe) promised.add(word);
    if (device.kept(document) && device.kept(document)!.tail.entries < device.kept(document)!.through)
      rare.snapshots++;
    expectPromises();
  }
  // In peace, everything that either page shows is kept.
  device.trouble = undefined;
  for (const page of pages) page.type();
  await schedule.run(schedule.now() + 120_000);
  for (const page of pages) {
    expect(page.hasLoaded).toBe(true);
    expect(page.local.status, `seed ${seed}`).toEqual({ state: 'kept', isWritten: true });
    expect(missing(page.words, keptWords(device)), `seed ${seed}`).toEqual([]);
  }
  const later = begin('later');
  // What it begins with is planned when promises have gone on.
  await new Promise(setImmediate);
  await schedule.run(schedule.now() + 1_000);
  expect(later.words.toSorted()).toEqual(keptWords(device).toSorted());
  for (const page of [...pages, later]) page.vanish();
  return rare;
}

describe('a document that is kept on a device', () => {
  it('[SDK20] holds what it was said to hold, and in peace everything, whatever happened to pages and device', async () => {
    const seen = { snapshots: 0, failures: 0, clears: 0 };
    for (let seed = 1; seed <= 20; seed++) {
      const { snapshots, failures, clears } = await run(seed);
      seen.snapshots += snapshots;
      seen.failures += failures;
      seen.clears += clears;
    }
    expect(Math.min(seen.snapshots, seen.failures, seen.clears)).toBeGreaterThan(5);
  });

  it('[SDK20] what a page had kept that is gone is taken in, and is unsaved, where nobody heard of it', async () => {
    const random = new SeededRandom(1);
    const schedule = new Schedule(random);
    const device = new Device(random);
    let count = 0;
    const [gone, other] = ['gone', 'other'].map(
      (name) => new Page(name, device, { life: new Life(schedule), letters: () => `w${count++}` }),
    ) as [Page, Page];
    await schedule.run(1_000);
    gone.type();
    await schedule.run(2_000);
    gone.vanish();
    expect(other.words).toEqual([]);
    other.local.inherit();
    await schedule.run(3_000);
    expect(other.words).toEqual(['w0']);
    expect(other.isSaved).toBe(false);
    expect(device.kept(document)?.unsaved).not.toEqual([]);
    other.vanish();
  });
});
