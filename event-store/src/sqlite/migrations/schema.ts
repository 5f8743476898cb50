/** "AEVT": identifies our files (PRAGMA application_id). */
export const applicationId = 0x41455654;

/** Version of the tables below (PRAGMA user_version). A new version needs a step in `migration-steps.ts`. */
export const schemaVersion = 4;

/** Oldest version that can be migrated. */
export const oldestSchemaVersion = 3;

/**
 * The tables. An event's content and stamp are the truth; the other columns are for queries and for people with the
 * sqlite3 shell. `deployment` is a deployment's number.
 *
 * A commit must write few pages, whatever deployments its events belong to (decision 7). Therefore events are in order
 * of arrival, and ids come first in their unique index. Each event changes only a short row of its deployment, in
 * `heads`. The numbers of a deployment's events are in runs (`event-run.ts`); the last run is in `heads` until it is
 * full.
 *
 * Each row has a checksum of all its other columns (`row-checksum.ts`), which every read verifies.
 */
export const schema = `
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
