// What a file says of itself: which replica it is, the key of its digests, and the epochs it has been through.
import { createHash, randomBytes } from 'node:crypto';
import type Database from 'better-sqlite3';
import { type Epoch, epochBytes, replicaBytes } from './lineage.ts';
import { checksum } from './row.ts';

const digestKeyName = 'digest-key';
const digestKeyBytes = 16;
const replicaName = 'replica';

/** What a journal is, and which boots it has been through. */
export interface Identity {
  readonly digestKey: Uint8Array;
  readonly replica: Uint8Array;
  /** Oldest first; the last one has just begun. */
  readonly epochs: readonly Epoch[];
  readonly head: number;
}

export class IdentityTable {
  readonly #statements;

  constructor(database: Database.Database) {
    this.#statements = prepare(database);
  }

  /** Drawn when the file is new, unless it is given then. */
  digestKey(given: Uint8Array | undefined): Uint8Array {
    return this.#fixed(digestKeyName, () => given ?? randomBytes(digestKeyBytes));
  }

  replica(): Uint8Array {
    return this.#fixed(replicaName, () => randomBytes(replicaBytes));
  }

  /** Oldest first. */
  epochs(): Epoch[] {
    return this.#statements.epochs.all().map(({ number, id, start, checksum: sum }) => {
      if (checksum(id, number, start) !== sum) throw new Error(`epoch ${number} in the database is damaged`);
      return { id, start };
    });
  }

  beginEpoch(head: number): Epoch {
    const epoch: Epoch = { id: drawEpoch(), start: head };
    const number = this.#statements.nextEpoch.get()!;
    this.#statements.addEpoch.run(number, epoch.id, epoch.start, checksum(epoch.id, number, epoch.start));
    return epoch;
  }

  rekey(key: Uint8Array): void {
    this.#set(digestKeyName, key);
  }

  /** Makes a copy of another replica one of its own, and gives its id. */
  reidentify(): Uint8Array {
    const replica = randomBytes(replicaBytes);
    this.#set(replicaName, replica);
    // Whoever has read the original has not read this one, and what it agreed on with others they have not agreed with us.
    this.#statements.forgetEpochs.run();
    this.#statements.forgetMemories.run();
    return replica;
  }

  #fixed(name: string, draw: () => Uint8Array): Uint8Array {
    const stored = this.#statements.meta.get(name);
    if (!stored) return this.#set(name, draw());
    if (checksum(stored.value) !== stored.checksum) throw new Error(`${name} in the database is damaged`);
    return stored.value;
  }

  #set(name: string, value: Uint8Array): Uint8Array {
    this.#statements.setMeta.run(name, value, checksum(value));
    return value;
  }
}

/**
 * A machine that was put back to an image of its memory draws the same random bytes as the last time, and begins an epoch
 * because of that very thing: so the time is in it as well.
 */
function drawEpoch(): Uint8Array {
  const hash = createHash('sha256').update(randomBytes(epochBytes));
  return hash.update(`${Date.now()} ${process.hrtime.bigint()}`).digest().subarray(0, epochBytes);
}

interface EpochRow {
  readonly number: number;
  readonly id: Buffer;
  readonly start: number;
  readonly checksum: number;
}

function prepare(database: Database.Database) {
  return {
    meta: database.prepare<[string], { value: Buffer; checksum: number }>(
      'SELECT value, checksum FROM meta WHERE key = ?',
    ),
    setMeta: database.prepare('INSERT OR REPLACE INTO meta (key, value, checksum) VALUES (?, ?, ?)'),
    epochs: database.prepare<[], EpochRow>('SELECT number, id, start, checksum FROM epoch ORDER BY number'),
    nextEpoch: database.prepare<[], number>('SELECT coalesce(max(number), 0) + 1 FROM epoch').pluck(),
    addEpoch: database.prepare('INSERT INTO epoch (number, id, start, checksum) VALUES (?, ?, ?, ?)'),
    forgetEpochs: database.prepare('DELETE FROM epoch'),
    forgetMemories: database.prepare('DELETE FROM memory'),
  };
}
