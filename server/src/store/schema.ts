// The tables, as a list of migrations: `PRAGMA user_version` counts those that a file has been through.

/** Marks a file as ours ("SYNC"), so that another program's database is never migrated. */
export const applicationId = 0x53594e43;

/**
 * The log is one table in the order of commits, and each entry names its document's entry before it. So a commit of a
 * hundred documents writes a few pages at the end of the file: 3.9 µs an entry, where an index by document costs 6.3 µs
 * and a table clustered by document 16.5 µs. A document's tail is read by following the chain from its head.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE document (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    engine TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    digest BLOB NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX document_by_sequence ON document (sequence);

  CREATE TABLE log (
    sequence INTEGER PRIMARY KEY,
    document INTEGER NOT NULL,
    previous INTEGER NOT NULL,
    data BLOB NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE snapshot (
    document INTEGER NOT NULL,
    part INTEGER NOT NULL,
    through INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    data BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (document, part)
  ) STRICT;

  CREATE TABLE costly (
    document INTEGER PRIMARY KEY
  ) STRICT;

  CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL,
    data BLOB NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE epoch (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    start INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  `,
  // `leaf_of` is defined by whoever migrates: where a document stands in the digest tree.
  `
  ALTER TABLE document ADD COLUMN incarnation INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE document ADD COLUMN is_deleted INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE document ADD COLUMN leaf INTEGER NOT NULL DEFAULT 0;
  UPDATE document SET leaf = leaf_of(name);
  CREATE INDEX document_by_leaf ON document (leaf, name);

  CREATE TABLE burial (
    document INTEGER NOT NULL,
    incarnation INTEGER NOT NULL,
    version BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (document, incarnation)
  ) STRICT;

  CREATE TABLE memory (
    key BLOB PRIMARY KEY,
    value BLOB NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // What a repair took out of the other tables, byte for byte, for the operator; nothing reads it.
  `
  CREATE TABLE damaged (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL,
    origin TEXT NOT NULL,
    place INTEGER NOT NULL,
    numbers TEXT NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE alias (
    alias BLOB PRIMARY KEY,
    name TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];

/** The part of a snapshot that holds its version; the chunks follow it. */
export const versionPart = 0;
