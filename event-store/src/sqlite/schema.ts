/** "AEVT": tells our files from other programs' (PRAGMA application_id). */
export const applicationId = 0x41455654;

/** The version of the tables below (PRAGMA user_version). */
export const schemaVersion = 2;

/**
 * The tables. An event's content and stamp are the truth; what stands beside them is what queries and a person with the
 * sqlite3 shell need. `events.deployment` is a deployment's number. Events are kept in the order in which they came, and
 * their ids come first in the index that makes them unique, so that a commit writes few pages, whatever deployments its
 * events are of (decision 7).
 */
export const schema = `
  CREATE TABLE deployments (
    number         INTEGER PRIMARY KEY,
    deployment_id  TEXT    NOT NULL UNIQUE,
    head_sequence  INTEGER NOT NULL,
    state          TEXT    NOT NULL,
    outcome        TEXT    NOT NULL,
    environment    TEXT    NOT NULL,
    service        TEXT    NOT NULL,
    revision       TEXT    NOT NULL,
    create_time_us INTEGER NOT NULL,
    start_time_us  INTEGER,
    finish_time_us INTEGER,
    update_time_us INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX deployments_newest_first ON deployments (create_time_us DESC, deployment_id);

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
    UNIQUE (event_id, deployment),
    UNIQUE (deployment, sequence)
  ) STRICT;
`;
