const MiB = 1024 * 1024;

/** Bounds of everything that a caller can make a store hold or do, each with unit and reason. */
export const limits = {
  /** Bytes of a request's message, encoded and inflated: the default of gRPC's clients and servers; more is not read. */
  requestBytesMax: 4 * MiB,
  /** Encoded bytes of a BatchCreateEvents request, a page and an `events` frame: below the 4 MiB of gRPC clients. */
  messageBytesMax: 3 * MiB,
  /** Encoded bytes of one commit: below Firestore's 10 MiB; one batch always fits. */
  commitBytesMax: 8 * MiB,
  /** Events of one commit on an embedded store: a disk writes them in tens of milliseconds. */
  commitEventsMax: 5_000,
  /** Callers of an SQLite commit that are answered in one turn of the event loop. */
  turnAnswers: 16,
  /**
   * Waiting calls that are enough for an SQLite commit; with fewer, the callers of the previous commit are answered
   * first.
   */
  handOverCalls: 256,
  /** Events of one run in SQLite's index of sequences; a full run is written once. */
  sqliteRunEvents: 64,
  /** Full runs that one step of a purge removes: about 1,000 events, in tens of milliseconds. */
  sqlitePurgeRuns: 16,
  /** Interval at which the log is tried to be emptied of removed bytes again while another program reads it, in ms. */
  sqliteEmptyAgainMs: 10_000,
  /** Newest events compared with their heads when an SQLite file is opened, to find a lost write. */
  sqliteNewestEvents: 1_000,
  /**
   * Events after the last one of a deployment that a read of its head examines, to notice an older head: a few
   * microseconds.
   */
  sqliteNextEvents: 256,
  /** Damaged deployments that the appending thread knows individually, in a few MB; with more, it appends to none. */
  sqliteDamagedDeploymentsMax: 10_000,
  /** Longest interval between two questions for changed heads, in ms: two of them fit into the pause below. */
  firestoreWatchIntervalMaxMs: 110_000,
  /**
   * Longest time without an answer after which no change can be missing, in ms: a head keeps its flag for at least 5 minutes after its last
   * event, by the mirror's clock.
   */
  firestoreWatchPauseMaxMs: 240_000,
  /** Delay before the first self-check of an SQLite store, in ms: after starts and first calls. */
  scrubDelayMs: 5_000,
  /** Delay between self-checks, in ms: a large store is checked again within hours, a small one costs nothing. */
  scrubRestMs: 3_600_000,
  /** The same if a finding has refused a read, in ms: nobody waits an hour to see a repaired store. */
  scrubAgainMs: 60_000,
  /** Length of one slice of a self-check, in ms; reads may have to wait for it. */
  scrubSliceMs: 2,
  /**
   * Share of the reading thread's time for self-checks, including the disk's: 10,000,000 events take an hour if the
   * disk keeps up.
   */
  scrubShare: 0.02,
  /** Longest wait of a slice for pending reads and appends, in ms. */
  scrubPutOffMs: 1_000,
  /** Events per step of a slice: one run, in half a millisecond. */
  scrubStepEvents: 64,
  /** Findings of one self-check that are reported in full, the first of each deployment; the others are counted. */
  scrubFindingsMax: 100,

  /** Events of one Firestore commit, besides the head. */
  firestoreCommitEventsMax: 500,
  /** Encoded bytes of one commit of an import on Firestore: far below Firestore's own limit, to be stored within the time of a call. */
  firestoreImportCommitBytesMax: 2 * MiB,
  /** Events that one step of a purge removes on Firestore: one query and one commit, in a second or two. */
  firestorePurgeStepEvents: 300,
  /** Time limit of one attempt of a Firestore call, in ms; an append's time allows several. */
  firestoreCallTimeMs: 4_000,
  /** Interval at which an append checks whether known damage is repaired, in ms; each check is one read. */
  damageTimeMs: 30_000,
  /** Deployments whose damage an instance remembers; the oldest is forgotten first. */
  damagedDeploymentsMax: 1_000,
  /** Events read at once to bring a history hash up to its head on Firestore: one query, answered in time. */
  historyChunkEvents: 300,
  /** Heads that an instance caches to append without reading; the least recently used is dropped first. */
  cachedHeadsMax: 10_000,
  /** Events examined for one filtered page, so that a rare match takes bounded time. */
  pageScanMax: 5_000,
  /** Encoded bytes of waiting appends in one instance: as much as the calls' own bound allows. */
  waitingBytesMax: 64 * MiB,
} as const;
