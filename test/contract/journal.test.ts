import { describe } from 'vitest';
import type { Journal } from '@syncline/server/port/journal.ts';
import { MemoryJournal } from '@syncline/server/store/memory.ts';
import { SqliteJournal } from '@syncline/server/store/sqlite.ts';
import { temporaryFolder } from '../support/server.ts';
import { damageRow } from '../support/damage.ts';
import { damageContract } from './journal-damage.ts';
import { name } from './journal-drafts.ts';
import { durableJournalContract, journalContract } from './journal.ts';

describe('memory', () => {
  journalContract(async () => new MemoryJournal());
  damageContract(async () => {
    const journal = new MemoryJournal();
    return { journal, damage: (row) => journal.damage(name, row) };
  });
});

describe('sqlite', () => {
  // Left to the system's cleaning: the journal that uses it outlives the function that opens it.
  journalContract(() => openSqlite(temporaryFolder().path));
  durableJournalContract(openSqlite, temporaryFolder);
  damageContract(async () => {
    const { path } = temporaryFolder();
    return { journal: await openSqlite(path), damage: (row) => void damageRow(path, name, row) };
  });
});

function openSqlite(folder: string): Promise<Journal> {
  return SqliteJournal.open({
    folder,
    durability: 'full',
    onFatal: (error) => {
      throw error;
    },
    onCommit: () => {},
  });
}
