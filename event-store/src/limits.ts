const KiB = 1024;
const MiB = 1024 * KiB;

/** The bounds on all that a caller can make grow, each with its unit and its reason. */
export const limits = {
  /** Events of one BatchCreateEvents call: what Firestore takes in one commit beside the head. */
  batchEventsMax: 500,
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
  /** Milliseconds from the opening of a SQLite store to its first look through itself: starts and first calls are over by then. */
  scrubDelayMs: 5_000,
  /** The same from the end of a look to the next one: a large store is always looked at again within hours, a small one costs nothing. */
  scrubRestMs: 3_600_000,
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

  /** Encoded bytes of an event. */
  eventBytesMax: 128 * KiB,
  /** Bytes of `message`. */
  textBytesMax: 64 * KiB,
  /** Bytes of a string field for which nothing else is said. */
  stringBytesMax: 256,
  /** Bytes of a URI and of a label's value. */
  uriBytesMax: 1 * KiB,
  labelsMax: 32,
  /** Entries of `labels` that are decoded, so that a refusal counts what is a little too much. */
  labelEntriesMax: 1_024,
  /** Encoded bytes of `data`. */
  dataBytesMax: 64 * KiB,
  /** Levels of `data`, the outermost object being the first. */
  dataDepthMax: 20,
  /** Messages that are decoded of one `data`, each of which takes two bytes or more: what fits into `dataBytesMax`. */
  dataValuesMax: 32 * KiB,
  /** Fields of one request that this version does not know: as many as fit into one event, and 130 for each of a batch. */
  unknownFieldsMax: 64 * KiB,
  /** Parts of one message field that are merged: encoders write one, and two encodings may stand one behind the other. */
  fieldPartsMax: 4,
  /** Levels of a request's messages and groups: parsers take 100, and an answer puts a level more around an event. */
  nestingMax: 90,

  pageSizeDefault: 50,
  pageSizeMax: 1_000,
  /** Events that are looked at for one filtered page, so that a rare match costs bounded time. */
  pageScanMax: 5_000,
  /** Events that one `events` frame holds: packing brings most of its gain by then. */
  frameEventsMax: 500,
  /** Encoded bytes at which an `events` frame is full though it could take more: what a stalled reader costs. */
  frameBytesTarget: 256 * KiB,

  /** Encoded bytes of a status' details: clients refuse more than 8 KiB of trailers, Base64 and message included. */
  errorDetailsBytesMax: 4 * KiB,
  /** Bytes of a status' message, for the same reason. */
  errorMessageBytesMax: 1 * KiB,
  /** Bytes of a value of the caller's that a refusal quotes. */
  shownTextBytesMax: 40,
  /** Fields that a refusal names of one conflict: all of the contract, and some that a later version brings. */
  conflictFieldsMax: 32,

  /** Events that an IngestEvents stream may have sent without an acknowledgement: what two commits take. */
  ingestWindowEvents: 10_000,
  /** The same in encoded bytes: two messages, and the next on its way. */
  ingestWindowBytes: 8 * MiB,
  /** Encoded bytes of the events that the store has of all streams; beyond it they are held back. */
  ingestWaitingBytesMax: 32 * MiB,
  /** Their number: what the next commits take, while further events are read. */
  ingestWaitingEventsMax: 20_000,
  /** Events of all streams that are taken in one turn of the event loop, so that they keep nobody waiting. */
  ingestTurnEvents: 500,
  /** Bytes of an id that an acknowledgement repeats: what a valid one has at most. */
  acknowledgedIdBytesMax: 128,
  /** Acknowledgements of one frame, so that even refusals with all their details stay below 3 MiB. */
  acknowledgementsMax: 500,

  /** Bytes that all calls of one instance hold, from the first byte of a request to the last of its answer. */
  callBytesMax: 80 * MiB,
  /** The same for one connection: a third, so that none holds up all others. */
  connectionBytesMax: 28 * MiB,
  /** Bytes that a call leaves free, as a multiple of its own: the smaller a call, the later it is refused. */
  spareBytesFactor: 64,
  /** The most of them, which is what large calls leave to small ones. */
  spareBytesMax: 16 * MiB,
  /** Bytes of a call's metadata, 32 for each of them included: what HTTP/2's library unpacks of a value. */
  metadataBytesMax: 64 * KiB,
  /** Bytes of a request of the health service that are not counted: its answers come whatever the others hold. */
  healthRequestBytesMax: 1 * KiB,
  /** Bytes that reading and encoding a page takes: as read, on its way from the thread, as a message, and as it is sent. */
  pageWorkBytes: 11 * MiB,
  /** The same for one event. */
  eventWorkBytes: 512 * KiB,
  /** The same for a frame: it, and one event beyond its target. */
  frameWorkBytes: 512 * KiB,
  /** Bytes of a stream's frames that the wire has not taken, at which no further one is made. */
  unreadFrameBytesMax: 256 * KiB,
  /** Bytes that a call holds which sends many messages: HTTP/2 takes so many before anybody reads them. */
  streamWindowBytes: 64 * KiB,
  /** The same for server reflection, whose answers are up to a dozen files long. */
  reflectionBytes: 1 * MiB,
  /** Milliseconds that a read waits for its bytes to be free before it is refused. */
  roomTimeMs: 10_000,
  /** Milliseconds in which a message that has begun must be whole: so long it may hold bytes that are not here. */
  receiveTimeMs: 60_000,
  /** Milliseconds in which a call's message must begin: other calls of its connection may have to be sent before. */
  beginTimeMs: 300_000,
  /** Milliseconds after which a connection that has taken none of its answers may be ended: others want the room. */
  unreadAnswerTimeMs: 60_000,

  /** Open streams of one instance: each takes some 20 KB that no other bound counts. */
  streamsMax: 6_000,
  /** Open calls of one instance that are no streams: few wait for long, and each costs V8 as much again before it is collected. */
  callsMax: 2_000,
  /** Calls beyond that for connections that have few, as many as this: what those with many leave them. */
  spareCallsMax: 500,
  fewCallsMax: 20,
  /** Calls above either that are told why they are refused; HTTP/2 refuses further ones, which clients take for not sent. */
  refusedCallsMax: 500,
  /** Calls of the health service beyond that, so that it answers then too. */
  healthCallsMax: 500,
  /** Open calls of one connection: further ones wait in the client. */
  connectionCallsMax: 1_000,
  /** Connections of one instance: each takes some 30 KB. */
  connectionsMax: 2_000,
  /** Encoded bytes of the appends that wait in one instance: what the calls' own bound lets through. */
  waitingBytesMax: 64 * MiB,
  /** Encoded bytes of the recent events that are kept for the followers of one deployment. */
  recentBytesMax: 1 * MiB,
  /** The same for all deployments of one instance; the ones used longest ago are given up first. */
  recentBytesTotalMax: 32 * MiB,
  /** Bytes of the pages of history that were read last, encoded, of one instance. */
  historyBytesMax: 32 * MiB,

  /** Bytes of the log that wait to be written, when nobody takes them: what comes beyond is lost, and counted. */
  logWaitingBytesMax: 4 * MiB,

  /** Time for one append, in milliseconds, when the caller's deadline is not nearer. */
  appendTimeMs: 10_000,
  /** Time for one append while the service drains. */
  drainAppendTimeMs: 5_000,
  /** Time from the signal to the end of the process. */
  drainTimeMs: 8_000,
} as const;
