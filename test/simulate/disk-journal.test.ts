import { journalContract } from '../contract/journal.ts';
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

journalContract(async () => {
  const random = new SeededRandom(1);
  const schedule = new Schedule(random);
  const journal = new DiskJournal(new Disk(random), new Life(schedule), prompt);
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
  return journal;
});
