const KiB = 1024;
const MiB = 1024 * KiB;

/** Bounds of everything that a caller can make the service hold or do, each with unit and reason. The store has its own. */
export const limits = {
  /** Events of one BatchCreateEvents call: the most that Firestore accepts in one commit beside the head. */
  batchEventsMax: 500,

  /** Encoded bytes of an event. */
  eventBytesMax: 128 * KiB,
  /** Bytes of `message`. */
  textBytesMax: 64 * KiB,
  /** Bytes of a string field without another bound. */
  stringBytesMax: 256,
  /** Bytes of a URI and of a label's value. */
  uriBytesMax: 1 * KiB,
  labelsMax: 32,
  /** Entries of `labels` that are decoded, so that a refusal can count a slight excess. */
  labelEntriesMax: 1_024,
  /** Encoded bytes of `data`. */
  dataBytesMax: 64 * KiB,
  /** Levels of `data`, the outermost object being the first. */
  dataDepthMax: 20,
  /** Messages decoded of one `data`: as many two-byte messages as fit into `dataBytesMax`. */
  dataValuesMax: 32 * KiB,
  /** Unknown fields of one request: as many as fit into one event, and 130 per event of a batch. */
  unknownFieldsMax: 64 * KiB,
  /** Parts of one message field that are merged: encoders write one, and two encodings may be concatenated. */
  fieldPartsMax: 4,
  /** Levels of a request's messages and groups: parsers accept 100, and an answer adds a level around an event. */
  nestingMax: 90,

  pageSizeDefault: 50,
  pageSizeMax: 1_000,
  /** Events of one `events` frame; larger frames gain little. */
  frameEventsMax: 500,
  /** Heads of one `deployments` frame: some 4 KB each at most, and read from the store at once. */
  frameDeploymentsMax: 100,
  /**
   * Changed deployments that are remembered for all watchers, at least; a watcher that lacks more gets a new list. A few hundred bytes
   * each.
   */
  changedDeploymentsMax: 10_000,
  /** Encoded size at which an `events` frame is full although it could be larger: the cost of a stalled reader. */
  frameBytesTarget: 256 * KiB,

  /** Encoded bytes of a status' details: clients refuse more than 8 KiB of trailers, including Base64 and message. */
  errorDetailsBytesMax: 4 * KiB,
  /** Bytes of a status' message, for the same reason. */
  errorMessageBytesMax: 1 * KiB,
  /** Bytes of a caller's value that a refusal quotes. */
  shownTextBytesMax: 40,
  /** Fields of one conflict that a refusal names: all of the contract, and some of later versions. */
  conflictFieldsMax: 32,

  /** Unacknowledged events of an IngestEvents stream: two commits. */
  ingestWindowEvents: 10_000,
  /** The same in encoded bytes: two messages, and the next in flight. */
  ingestWindowBytes: 8 * MiB,
  /** Encoded bytes of the events of all streams that wait for the store; beyond it they are delayed. */
  ingestWaitingBytesMax: 32 * MiB,
  /** Number of these events: those of the next commits, while further events are read. */
  ingestWaitingEventsMax: 20_000,
  /** Events of all streams taken in one turn of the event loop, so that other work is not delayed. */
  ingestTurnEvents: 500,
  /** Bytes of an id that an acknowledgement repeats: the longest valid id. */
  acknowledgedIdBytesMax: 128,
  /** Acknowledgements of one frame: even refusals with all details stay below 3 MiB. */
  acknowledgementsMax: 500,

  /** Records of one ImportEvents message: as many as its 3 MiB hold of small ones, about. */
  importRecordsMax: 1_000,
  /** Keys in the header of an export: one for each store that its redactions come from. */
  redactionKeysMax: 1_000,
  /** Bytes of an imported event's content: defaults and set members are written out, and so it may be larger than when it was sent. */
  importedContentBytesMax: 256 * KiB,
  /** Events and encoded bytes of one part that is imported in one commit: those of a batch. */
  importPartEvents: 500,
  importPartBytes: 1 * MiB,
  /** Parts of one ImportEvents stream that the store has at once, of one deployment each, and their encoded bytes. */
  importPartsMax: 8,
  importBytesMax: 2 * MiB,

  /** Bytes that all calls of one instance hold, from the first byte of a request to the last of its answer. */
  callBytesMax: 80 * MiB,
  /** The same for one connection: a third, so that one connection cannot block all others. */
  connectionBytesMax: 28 * MiB,
  /** Bytes that a call must leave free, as a multiple of its own: smaller calls are refused later. */
  spareBytesFactor: 64,
  /** Upper bound of these bytes, which large calls leave to small ones. */
  spareBytesMax: 16 * MiB,
  /** Bytes of a call's metadata, including 32 per value: the most that the HTTP/2 library unpacks of one value. */
  metadataBytesMax: 64 * KiB,
  /** Bytes of a health request that are not counted, so that it is answered whatever other calls hold. */
  healthRequestBytesMax: 1 * KiB,
  /** Bytes for reading and encoding a page: as read, in transit from the thread, as a message, and as sent. */
  pageWorkBytes: 11 * MiB,
  /** The same for one event. */
  eventWorkBytes: 512 * KiB,
  /** The same for a frame, and one event beyond its target. */
  frameWorkBytes: 512 * KiB,
  /** Bytes of a stream's frames that the wire has not taken, beyond which no frame is made. */
  unreadFrameBytesMax: 256 * KiB,
  /** Bytes that a call with many messages holds: HTTP/2 accepts so many before anything is read. */
  streamWindowBytes: 64 * KiB,
  /** The same for server reflection, whose answers are up to a dozen files long. */
  reflectionBytes: 1 * MiB,
  /** Longest wait of a read for free bytes before it is refused, in ms. */
  roomTimeMs: 10_000,
  /** Longest time to receive a message after its start, in ms: it holds bytes that are not here yet. */
  receiveTimeMs: 60_000,
  /** Longest time until a call's message starts, in ms: the connection may have to send other calls first. */
  beginTimeMs: 300_000,
  /** Time after which a connection that takes no answers may be ended, if others need the room, in ms. */
  unreadAnswerTimeMs: 60_000,

  /** Open streams of one instance: each takes about 20 KB that no other bound counts. */
  streamsMax: 6_000,
  /**
   * Open calls of one instance other than streams: few wait long, and each costs V8 as much again before it is
   * collected.
   */
  callsMax: 2_000,
  /** Additional calls for connections with at most this many calls, so that busy connections do not block them. */
  spareCallsMax: 500,
  fewCallsMax: 20,
  /**
   * Calls above either bound that are refused with a reason. HTTP/2 refuses further ones, which clients treat as not
   * sent.
   */
  refusedCallsMax: 500,
  /** Calls that anybody may make, of health and reflection: apart from the others, so that neither takes the places of the other. */
  openCallsMax: 500,
  /** Open calls of one connection; further ones wait in the client. */
  connectionCallsMax: 1_000,
  /** Connections of one instance: each takes about 30 KB. */
  connectionsMax: 2_000,
  /** Encoded bytes of recent events kept for the followers of one deployment. */
  recentBytesMax: 1 * MiB,
  /** The same for all deployments of one instance; the least recently used are dropped first. */
  recentBytesTotalMax: 32 * MiB,
  /** Encoded bytes of cached pages of history of one instance. */
  historyBytesMax: 32 * MiB,

  /** Bytes of CONFIG_FILE: all settings with a page of comments, and little to parse when it is something else. */
  configFileBytesMax: 16 * KiB,
  /** Bytes of a file of certificates or of a key: the roots of a whole operating system have 220 KiB. */
  certificateFileBytesMax: 512 * KiB,

  /** Time that a client has for the TLS handshake, in ms. It holds a connection meanwhile. */
  handshakeTimeMs: 10_000,
  /** Deployments of one page of an expiry: so many are marked before the mirror is waited for. */
  expiryPageDeployments: 100,
  /** Deployments of one page of a replay: each may cost a search and an order to the mirror. */
  replayPageDeployments: 100,
  /** Longest wait for the mirror for one page of an expiry, in ms; what it has not published by then is purged another time. */
  expiryMirrorTimeMs: 30_000,

  /** Time limit of one append, in ms, unless the caller's deadline is earlier. */
  appendTimeMs: 10_000,
  /** Time limit of one PurgeDeployment, in ms, unless the caller's deadline is earlier: the mirror may start cold. */
  purgeTimeMs: 60_000,
  /** Time between two looks at whether the mirror has published a deployment that is purged, in ms. */
  mirrorPollMs: 500,
  /** Time limit of one append while the service drains, in ms. */
  drainAppendTimeMs: 5_000,
  /** Time from the signal to the end of the process, in ms. */
  drainTimeMs: 8_000,
} as const;
