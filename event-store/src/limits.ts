const MiB = 1024 * 1024;

/** The bounds on all that a caller can make a store hold or do, each with its unit and its reason. */
export const limits = {
  /** Bytes of a request's message, encoded and inflated: what gRPC's clients and servers take by default; more is not read. */
  requestBytesMax: 4 * MiB,
  /** Encoded bytes of a BatchCreateEvents request, a page and an `events` frame: below the 4 MiB that gRPC clients take. */
  messageBytesMax: 3 * MiB,
  /** Encoded bytes of one commit: below the 10 MiB that Firestore takes; one batch always fits. */
  commitBytesMax: 8 * MiB,
  /** Events of one commit on an embedded store: what a disk takes in tens of milliseconds, so that nobody waits long. */
  commitEventsMax: 5_000,
  /** Callers of a commit on SQLite that are answered in one turn of the event loop. */
  turnAnswers: 16,
  /** Calls waiting for a commit on SQLite that are enough of one: with fewer, the last one's callers are answered before it. */
  handOverCalls: 256,
  /** Events of one run of SQLite's index of sequences: written once each time that so many are there. */
  sqliteRunEvents: 64,
  /** The newest events that are held against their heads when a SQLite file is opened: what a lost write may have left behind. */
  sqliteNewestEvents: 1_000,
  /** Events behind the last one of a deployment that a read of its head looks at, for a head that is older: some microseconds. */
  sqliteNextEvents: 256,
  /** Damaged deployments that the appending thread knows one by one, in some MB; with more, nothing is appended to any. */
  sqliteDamagedDeploymentsMax: 10_000,
  /** Milliseconds from the opening of a SQLite store to its first look through itself: starts and first calls are over by then. */
  scrubDelayMs: 5_000,
  /** The same from the end of a look to the next one: a large store is always looked at again within hours, a small one costs nothing. */
  scrubRestMs: 3_600_000,
  /** The same where what that look found has refused a read: somebody who mends the store waits no hour to see it. */
  scrubAgainMs: 60_000,
  /** Milliseconds of one slice of it, for which reads may have to wait. */
  scrubSliceMs: 2,
  /** Its part of the reading thread's time, the disk's included: 10,000,000 events take an hour where the disk does not hold it up. */
  scrubShare: 0.02,
  /** Milliseconds that a slice waits at most for reads and appends to be over. */
  scrubPutOffMs: 1_000,
  /** Events that one step of a slice looks at: a run, in half a millisecond. */
  scrubStepEvents: 64,
  /** Findings of one look that are told one by one, the first of each deployment; the others are counted. */
  scrubFindingsMax: 100,

  /** Events of one commit on Firestore, which each commit beside the head. */
  firestoreCommitEventsMax: 500,
  /** Time for one attempt of a call to Firestore, in milliseconds: what an append's time holds more than one of. */
  firestoreCallTimeMs: 4_000,
  /** Milliseconds after which an append looks whether damage that was met in its deployment is mended: one read each time. */
  damageTimeMs: 30_000,
  /** Deployments whose damage an instance remembers; the one met longest ago is forgotten first. */
  damagedDeploymentsMax: 1_000,
  /** Events that are read at once to bring a history hash up to its head on Firestore: one query, answered in time. */
  historyChunkEvents: 300,
  /** Heads that an instance keeps to append without reading; the one used longest ago is given up first. */
  cachedHeadsMax: 10_000,
  /** Events that are looked at for one filtered page, so that a rare match costs bounded time. */
  pageScanMax: 5_000,
  /** Encoded bytes of the appends that wait in one instance: what the calls' own bound lets through. */
  waitingBytesMax: 64 * MiB,
} as const;
