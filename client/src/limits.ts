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

  /** Events of one BatchCreateEvents call, as in the contract. */
  batchEventsMax: 500,
  /** Encoded bytes of the events of one BatchCreateEvents call: the contract's 3 MiB less what the request adds. */
  batchBytesMax: 2.5 * 1024 * 1024,
} as const;
