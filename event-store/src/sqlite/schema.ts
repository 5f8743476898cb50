/** "AEVT": tells our files from other programs' (PRAGMA application_id). */
export const applicationId = 0x41455654;

/** The version of the tables below (PRAGMA user_version). */
export const schemaVersion = 1;

/**
 * The tables. An event's content and stamp are the truth; what stands beside them is what queries and a person with the
 * sqlite3 shell need. Events are kept in the order in which they are read.
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
    deployment      INTEGER NOT NULL REFERENCES deployments (number),
    sequence        INTEGER NOT NULL,
    event_id        TEXT    NOT NULL,
    receive_time_us INTEGER NOT NULL,
    type            TEXT    NOT NULL,
    severity        INTEGER NOT NULL,
    labels          TEXT,
    fingerprint     BLOB    NOT NULL,
    content         BLOB    NOT NULL,
    stamp           BLOB    NOT NULL,
    PRIMARY KEY (deployment, sequence),
    UNIQUE (deployment, event_id)
  ) STRICT, WITHOUT ROWID;
`;
