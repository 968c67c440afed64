import { join } from 'node:path';
import { CorruptRow } from '@syncline/server/port/journal.ts';
import { SqliteJournal } from '@syncline/server/store/sqlite.ts';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { fill } from '../contract/journal-drafts.ts';
import { temporaryFolder } from '../support/server.ts';

it.each([1, 2, 3])(
  '[JRN8] a snapshot without its part %i is not served as if that were all',
  async (missing) => {
    using folder = temporaryFolder();
    const onFatal = (error: Error): never => {
      throw error;
    };
    const journal = await SqliteJournal.open({
      folder: folder.path,
      durability: 'full',
      onFatal,
      onCommit: () => {},
    });
    try {
      const { document, sequences } = await fill(journal, 2);
      const through = sequences[1]!;
      const chunks = [1, 2, 3].map((byte) => Uint8Array.of(byte));
      await journal.replace({
        document,
        incarnation: 1,
        through,
        version: Uint8Array.of(0),
        chunks,
        quarantined: [],
        digest: undefined,
      });
      const database = new Database(join(folder.path, 'syncline.sqlite'));
      database.prepare('DELETE FROM snapshot WHERE part = ?').run(missing);
      database.close();
      await expect(journal.chunks(document, through, 0, 1_000)).rejects.toBeInstanceOf(CorruptRow);
    } finally {
      await journal.stop();
    }
  },
);
