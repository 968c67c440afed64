import { describe } from 'vitest';
import { MemoryJournal } from '@syncline/server/store/memory.ts';
import { SqliteJournal } from '@syncline/server/store/sqlite.ts';
import { temporaryFolder } from '../support/server.ts';
import { journalContract } from './journal.ts';

describe('memory', () => {
  journalContract(async () => new MemoryJournal());
});

describe('sqlite', () => {
  journalContract(() =>
    SqliteJournal.open({
      // Left to the system's cleaning: the journal that uses it outlives the function that opens it.
      folder: temporaryFolder().path,
      durability: 'full',
      onFatal: (error) => {
        throw error;
      },
      onCommit: () => {},
    }),
  );
});
