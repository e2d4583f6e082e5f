// The tables of the auditor's file. Invariant: a change of this text is a new `schemaVersion`.

/** "CTor" in SQLite's application ID. */
export const applicationId = 0x43546f72
export const schemaVersion = 2

/** What version 2 has more than 1: `place` finds SFOs of one leaf index, `transcript` holds answers as JSON. */
const places = `
CREATE TABLE place (log INTEGER, leaf_index INTEGER, id INTEGER, PRIMARY KEY (log, leaf_index, id)) STRICT, WITHOUT ROWID;
CREATE TABLE transcript (id INTEGER PRIMARY KEY, entries TEXT NOT NULL) STRICT;
`

/** From version 1. */
export const migration = `${places} PRAGMA user_version = ${schemaVersion};`

/**
 * Rows are appended under small integers; what is looked up under a hash or per CTR lies in the narrow tables `sfo_key`,
 * `entry_key` and `reporter`, which staged-keys.ts writes a range at a time (`staged` says how far each range is).
 * Numbers of `status`: the order of `sfoStatuses`. A body lies apart from its row, which changes with each challenge.
 */
export const schema = `
PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${schemaVersion};

CREATE TABLE log (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE ctr (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE sfo (
  id INTEGER PRIMARY KEY, sfo_id BLOB NOT NULL, log INTEGER NOT NULL, leaf_hash BLOB NOT NULL,
  status INTEGER NOT NULL, received_at INTEGER NOT NULL, value TEXT NOT NULL, context TEXT NOT NULL
) STRICT;
CREATE INDEX sfo_page ON sfo (log, status, received_at, sfo_id) WHERE status IN (0, 2);
CREATE TABLE sfo_key (prefix INTEGER, id INTEGER, PRIMARY KEY (prefix, id)) STRICT, WITHOUT ROWID;
CREATE TABLE body (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;

CREATE TABLE sfo_count (log INTEGER, status INTEGER, n INTEGER NOT NULL, PRIMARY KEY (log, status)) STRICT, WITHOUT ROWID;
CREATE TRIGGER sfo_inserted AFTER INSERT ON sfo BEGIN
  INSERT INTO sfo_count VALUES (new.log, new.status, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER sfo_moved AFTER UPDATE OF status ON sfo WHEN new.status <> old.status BEGIN
  UPDATE sfo_count SET n = n - 1 WHERE log = old.log AND status = old.status;
  INSERT INTO sfo_count VALUES (new.log, new.status, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TABLE incident (
  id INTEGER PRIMARY KEY, log INTEGER NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, notified INTEGER NOT NULL, UNIQUE (log, kind)
) STRICT;
CREATE TABLE sample (incident INTEGER, position INTEGER, evidence TEXT NOT NULL, PRIMARY KEY (incident, position))
  STRICT, WITHOUT ROWID;
CREATE TABLE escalation (sfo INTEGER, kind TEXT, PRIMARY KEY (sfo, kind)) STRICT, WITHOUT ROWID;

CREATE TABLE entry (
  id INTEGER PRIMARY KEY AUTOINCREMENT, ctr INTEGER NOT NULL, circuit TEXT NOT NULL, at INTEGER NOT NULL,
  valid INTEGER NOT NULL, duplicate INTEGER NOT NULL, invalid TEXT NOT NULL, per_log TEXT NOT NULL
) STRICT;
CREATE TABLE entry_key (ctr INTEGER, at INTEGER, id INTEGER, PRIMARY KEY (ctr, at, id)) STRICT, WITHOUT ROWID;
CREATE TABLE reporter (ctr INTEGER, log INTEGER, at INTEGER NOT NULL, PRIMARY KEY (ctr, log)) STRICT, WITHOUT ROWID;

CREATE TABLE staged (name TEXT, bucket INTEGER, upto INTEGER NOT NULL, PRIMARY KEY (name, bucket)) STRICT, WITHOUT ROWID;

CREATE TABLE sth (
  log INTEGER, timestamp INTEGER, size INTEGER, root TEXT, signature TEXT NOT NULL, seen_at INTEGER NOT NULL,
  status TEXT NOT NULL, PRIMARY KEY (log, timestamp, size, root)
) STRICT, WITHOUT ROWID;
CREATE TABLE gap (from_at INTEGER PRIMARY KEY, to_at INTEGER NOT NULL) STRICT;
CREATE TABLE value (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
${places}`
