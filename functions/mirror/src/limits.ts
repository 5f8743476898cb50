const KiB = 1024;
const MiB = 1024 * KiB;

/** The bounds of runs and sweeps, each with its unit and its reason. */
export const limits = {
  /**
   * Messages of one publish request, and events of one query. Pub/Sub takes 1,000; but a refused chunk is sent again one
   * by one, and by this many the gain of publishing together is had.
   */
  chunkMessagesMax: 100,
  /** Bytes of one publish request, attributes included: what Pub/Sub takes for one key in a second, of the 10 MB a request. */
  chunkBytesMax: 1 * MiB,
  /** Messages that are refused for themselves one after the other until the cause is taken to be the topic. */
  refusedInARowMax: 2,

  /** Events that one run publishes at most, when MIRROR_RUN_EVENTS_MAX does not say otherwise. */
  runEventsMax: 1_000,
  /** Time after which a run begins no other request, in milliseconds: with the last request, far below the ack deadline. */
  runTimeMs: 45_000,
  /** Time for one publish, the library's own retries included. */
  publishTimeMs: 10_000,
  /** Longest time between two attempts to connect to Pub/Sub: grpc-js alone would wait for up to two minutes. */
  reconnectTimeMaxMs: 3_000,

  /** Deployments of one page of a sweep, which are looked at together. */
  sweepPageDeployments: 50,
  /** Time after which a sweep begins no other page, in milliseconds: the next one begins a minute after this one. */
  sweepTimeMs: 45_000,
  /** A deployment that is behind is poked when its position has not moved for this long: else a run is likely at work. */
  stalledTimeMs: 30_000,
  /** The flag of a deployment is cleared when its head has been quiet for this long: it would be set again at once. */
  quietTimeMs: 60_000,
} as const;

/** All bounds, so that a test can set others. */
export type Limits = { readonly [name in keyof typeof limits]: number };
