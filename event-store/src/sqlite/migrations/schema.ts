/** "AEVT": identifies our files (PRAGMA application_id). */
export const applicationId = 0x41455654;

/** Version of the tables below (PRAGMA user_version). A new version needs a step in `migration-steps.ts`. */
export const schemaVersion = 5;

/** Oldest version whose programs keep a marker beside the file (`store-marker.ts`). */
export const firstMarkedSchema = 4;

/** Oldest version that can be migrated. */
export const oldestSchemaVersion = 3;

/**
 * The tables of schema 4, which later versions still have. An event's content and stamp are the truth; the other columns are for queries and for people with the
 * sqlite3 shell. `deployment` is a deployment's number.
 *
 * A commit must write few pages, whatever deployments its events belong to (decision 7). Therefore events are in order
 * of arrival, and ids come first in their unique index. Each event changes only a short row of its deployment, in
 * `heads`. The numbers of a deployment's events are in runs (`event-run.ts`); the last run is in `heads` until it is
 * full.
 *
 * Each row has a checksum of all its other columns (`row-checksum.ts`), which every read verifies.
 *
 * Since schema 5, `salt` of a redacted event holds, in place of 16 bytes, what its redaction keeps: commitment, id of the
 * key and HMAC, 72 bytes (`salt-column.ts`); and a head may have no history hash yet, because an import has not come to
 * the first event of its chain: `history_hash` is then empty and `history_hash_from` 0.
 */
export const schema4 = `
  CREATE TABLE deployments (
    number         INTEGER PRIMARY KEY,
    deployment_id  TEXT    NOT NULL UNIQUE,
    state          TEXT    NOT NULL,
    outcome        TEXT    NOT NULL,
    environment    TEXT    NOT NULL,
    service        TEXT    NOT NULL,
    revision       TEXT    NOT NULL,
    actor          TEXT    NOT NULL,
    "commit"       TEXT    NOT NULL,
    commit_time_us INTEGER,
    url            TEXT    NOT NULL,
    create_time_us INTEGER NOT NULL,
    start_time_us  INTEGER,
    finish_time_us INTEGER,
    failure_time_us     INTEGER,
    incident_time_us    INTEGER,
    recover_time_us     INTEGER,
    remove_time_us      INTEGER,
    queued_time_us      INTEGER,
    finished_time_us    INTEGER,
    finished_outcome    TEXT    NOT NULL,
    rolled_back_time_us INTEGER,
    history_hash_from   INTEGER NOT NULL,
    checksum            INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX deployments_newest_first ON deployments (create_time_us DESC, deployment_id DESC);

  CREATE TABLE heads (
    deployment     INTEGER PRIMARY KEY,
    head_sequence  INTEGER NOT NULL,
    update_time_us INTEGER NOT NULL,
    progress_time_us INTEGER,
    history_hash   BLOB    NOT NULL,
    last_run       BLOB    NOT NULL,
    checksum       INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE runs (
    deployment     INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    events         BLOB    NOT NULL,
    checksum       INTEGER NOT NULL,
    PRIMARY KEY (deployment, first_sequence)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE events (
    number          INTEGER PRIMARY KEY,
    deployment      INTEGER NOT NULL,
    sequence        INTEGER NOT NULL,
    event_id        TEXT    NOT NULL,
    receive_time_us INTEGER NOT NULL,
    type            TEXT    NOT NULL,
    severity        INTEGER NOT NULL,
    labels          TEXT,
    content         BLOB    NOT NULL,
    stamp           BLOB    NOT NULL,
    salt            BLOB    NOT NULL,
    checksum        INTEGER NOT NULL,
    UNIQUE (event_id, deployment)
  ) STRICT;
`;

/**
 * The tables that schema 5 adds. `edits` has a row for a deployment once it is edited, and the checksum of its row in
 * `heads` tells whether there is one, so that a lost row does not show what was hidden. `last_number` is the greatest
 * event number of the store when the deployment's purge began, 0 before: numbers never fall though the newest events go.
 * `keys` has the keys by which redacted contents are recognized; `is_own` is 1 for the one of this store.
 * `unemptied` names deployments whose removed bytes may still be in unallocated parts of the files.
 */
export const editTables = `
  CREATE TABLE edits (
    deployment  INTEGER PRIMARY KEY,
    edits       INTEGER NOT NULL,
    standing    TEXT    NOT NULL,
    last_number INTEGER NOT NULL,
    checksum    INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX edits_last_number ON edits (last_number);

  CREATE TABLE keys (
    id       BLOB    PRIMARY KEY,
    secret   BLOB    NOT NULL,
    is_own   INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE unemptied (
    deployment INTEGER PRIMARY KEY
  ) STRICT;
`;

/** All tables of this version. */
export const schema = `${schema4}${editTables}`;
