import { documentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { journalContract } from '../contract/journal.ts';
import { damageContract } from '../contract/journal-damage.ts';
import { draft, name as notes } from '../contract/journal-drafts.ts';
import { SeededRandom } from '../support/random.ts';
import { Disk } from './world/disk.ts';
import { DiskJournal, type DiskManners } from './world/disk-journal.ts';
import { Life, Schedule } from './world/schedule.ts';

const prompt: DiskManners = {
  gatherMs: () => 1,
  writeMs: () => 1,
  tellMs: () => 1,
  readMs: () => 1,
  failsNow: () => false,
  isUnreadable: () => false,
};

journalContract(async () => opened().journal);
damageContract(async () => {
  const { journal, disk } = opened();
  return { journal, damage: (row) => disk.damage(notes, row) };
});

function opened(): { journal: DiskJournal; disk: Disk } {
  const random = new SeededRandom(1);
  const schedule = new Schedule(random);
  const disk = new Disk(random);
  const journal = new DiskJournal(disk, new Life(schedule), prompt);
  // Time passes for as long as a test waits for anything.
  const pass = async (): Promise<void> => {
    await schedule.run(schedule.now() + 1);
    timer = setImmediate(() => void pass());
  };
  let timer = setImmediate(() => void pass());
  const stop = journal.stop.bind(journal);
  journal.stop = async () => {
    await stop();
    clearImmediate(timer);
  };
  return { journal, disk };
}

it('[SIM4] a power cut takes the last commits away under normal durability, and nothing under full', () => {
  const losses = new Set<number>();
  for (let seed = 0; seed < 200; seed++) {
    const random = new SeededRandom(seed);
    expect(lostOf(new Disk(random, { durability: 'full' }), random)).toBe(0);
    losses.add(lostOf(new Disk(random, { durability: 'normal' }), random));
  }
  expect(losses).toContain(0);
  expect(losses.size).toBeGreaterThan(5);
});

/** How many commits a power cut takes away; what is left has to be what was there before the first of them. */
function lostOf(disk: Disk, random: SeededRandom): number {
  const key = new Uint8Array(16);
  const states = [disk.image()];
  disk.boot();
  states.push(disk.image());
  const count = 1 + random.below(20);
  for (let step = 1; step <= count; step++) {
    const name = documentName(`notes/${step}`);
    disk.commit([{ name, draft: draft({}) }], [{ key, value: Uint8Array.of(step) }]);
    states.push(disk.image());
  }
  const lost = disk.powerCut();
  expect(disk.image()).toEqual(states.at(-1 - lost));
  expect(disk.powerCut()).toBe(0);
  return lost;
}
