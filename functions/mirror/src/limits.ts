const KiB = 1024;
const MiB = 1024 * KiB;

/** Bounds of runs and sweeps, each with unit and reason. */
export const limits = {
  /**
   * Most messages of one publish request, and events of one query. Pub/Sub accepts 1,000, but a refused chunk is resent
   * one by one, and larger chunks gain little.
   */
  chunkMessagesMax: 100,
  /**
   * Most bytes of one publish request, attributes included: Pub/Sub's rate for one key per second, below its 10 MB per
   * request.
   */
  chunkBytesMax: 1 * MiB,
  /** Refused messages in a row after which the topic counts as the cause. */
  refusedInARowMax: 2,

  /** Default for the most events that one run publishes; MIRROR_RUN_EVENTS_MAX overrides it. */
  runEventsMax: 1_000,
  /**
   * Time after which a run starts no further request, in ms. Together with the last request it is far below the ack
   * deadline.
   */
  runTimeMs: 45_000,
  /** Time limit of one publish, including the library's retries, in ms. */
  publishTimeMs: 10_000,
  /** Longest back-off of connections to Pub/Sub, in ms; that of grpc-js is up to two minutes. */
  reconnectTimeMaxMs: 3_000,

  /** Deployments of one page of a sweep, which are checked together. */
  sweepPageDeployments: 50,
  /** Time after which a sweep starts no further page, in ms: the next sweep starts a minute after this one. */
  sweepTimeMs: 45_000,
  /**
   * Time without progress after which a sweep pokes a deployment that is behind, in ms; before that a run is probably
   * active.
   */
  stalledTimeMs: 30_000,
  /**
   * Quiet time of a head after which a sweep clears its flag, in ms. Whoever watches all deployments counts on it: a change is seen by its
   * flag, also after four minutes without an answer of Firestore.
   */
  quietTimeMs: 300_000,
} as const;

/** All bounds; tests set their own. */
export type Limits = { readonly [name in keyof typeof limits]: number };
