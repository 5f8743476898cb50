/** Bounds and times of the client library, each with unit and reason. */
export const limits = {
  /** Default time limit of a call, in ms: the service's limit for an append. */
  callTimeoutMs: 10_000,
  /** Default time limit of a purge, in ms: the server removes a million events in minutes. */
  purgeTimeoutMs: 600_000,
  /** Longest time until a stream is open, in ms, for the same reason. */
  openTimeoutMs: 10_000,
  /** Heartbeat intervals without a frame after which a stream counts as dead, from the contract. */
  silentIntervalsMax: 3,

  /** Back-off of calls: short, because the caller's deadline ends it. */
  callBackOff: { firstMs: 100, maxMs: 2_000 },
  /** Back-off of followers: notices a returning server within seconds without flooding one that is down. */
  followBackOff: { firstMs: 250, maxMs: 5_000 },
  /** Back-off of IngestEvents: short, because a producer waits and its time limit ends it. */
  ingestBackOff: { firstMs: 100, maxMs: 2_000 },
  /** Time without an acknowledgement after which a stream counts as dead, in ms: an append takes at most 10 s. */
  ingestSilenceMs: 15_000,
  /** Interval of health checks while nothing is acknowledged, in ms; a shorter one would add load. */
  ingestAskMs: 2_000,
  /** Timeouts after which a serving service that acknowledges nothing is given up: it may be wedged. */
  ingestSlowTimeouts: 6,
  /** Most events, and their encoded bytes, that an IngestEvents call holds, even if the server grants more. */
  ingestWindow: { events: 50_000, bytes: 32 * 1024 * 1024 },
  /** Share of the window in use below which the source is read again, so that events are taken in batches. */
  ingestRefillShare: 0.75,
  /** Most events and encoded bytes of an IngestEvents message: enough for a low cost per event, few enough to leave soon. */
  ingestMessageEvents: 500,
  ingestMessageBytes: 256 * 1024,
  /** Largest event after which the encoder's buffer is reused, in bytes; a larger one would keep it large. */
  ingestWriterBytes: 64 * 1024,
  /** Most encoded bytes of an IngestEvents message with a single event, from the contract. */
  ingestMessageBytesMax: 3 * 1024 * 1024,

  /** Most records, and about so many encoded bytes, of an ImportEvents message: as of IngestEvents. */
  importMessageRecords: 500,
  importMessageBytes: 256 * 1024,

  /** Faults of one deployment that a verification reports in full: the first ones tell the cause. */
  verifyFaultsMax: 20,
  /** Event ids of one deployment that a verification keeps to find duplicates: about 10 MB. */
  verifyIdsMax: 50_000,
  /** Empty pages in a row after which a verification gives up a list: a service may send a few, but not for ever. */
  verifyIdlePagesMax: 1_000,
} as const;
