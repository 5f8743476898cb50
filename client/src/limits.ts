/** The bounds and times of the client library, each with its unit and its reason. */
export const limits = {
  /** Time for a call, in milliseconds, when the caller says nothing: the time that the service gives an append. */
  callTimeoutMs: 10_000,
  /** Time until a stream must be open, for the same reason. */
  openTimeoutMs: 10_000,
  /** Heartbeat intervals without any frame after which a stream is taken for dead: what the contract says. */
  silentIntervalsMax: 3,

  /** The back-off of appends: short, since the caller's deadline ends it. */
  appendBackOff: { firstMs: 100, maxMs: 2_000 },
  /** The back-off of followers: a server that is back is noticed within seconds, one that stays away is left in peace. */
  followBackOff: { firstMs: 250, maxMs: 5_000 },
  /** The back-off of IngestEvents: a producer waits behind it, and its give-up time ends it. */
  ingestBackOff: { firstMs: 100, maxMs: 2_000 },
  /** Time without an acknowledgement after which a stream is taken for dead: an append takes 10 s at most. */
  ingestSilenceMs: 15_000,
  /** Interval of health checks of a service that acknowledges nothing, in milliseconds; less would be a load of its own. */
  ingestAskMs: 2_000,
  /** Timeouts after which one that serves and acknowledges nothing is given up all the same: it may be wedged. */
  ingestSlowTimeouts: 6,
  /** Most events, and most encoded bytes of them, held of an IngestEvents call, even when the server grants more. */
  ingestWindow: { events: 50_000, bytes: 32 * 1024 * 1024 },
  /** The source is asked again when no more than this share of the window is used: in one go rather than one by one. */
  ingestRefillShare: 0.75,
  /** Events and encoded bytes of an IngestEvents message: many enough to cost little each, few enough to be on their way soon. */
  ingestMessageEvents: 500,
  ingestMessageBytes: 256 * 1024,
  /** The writer of encoded events is kept after events of up to so many bytes: one that a large event grew would stay large. */
  ingestWriterBytes: 64 * 1024,
  /** Encoded bytes of an IngestEvents message with a single event, as in the contract. */
  ingestMessageBytesMax: 3 * 1024 * 1024,

  /** Faults of one deployment that a verification tells one by one: the first ones say what happened. */
  verifyFaultsMax: 20,
  /** Event ids of one deployment that a verification holds to find one that is there twice: some 10 MB. */
  verifyIdsMax: 50_000,
  /** Pages without another event after which a verification gives a list up: a service may send a few, and not for ever. */
  verifyIdlePagesMax: 1_000,
} as const;
