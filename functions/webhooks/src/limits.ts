const KiB = 1024;
const MiB = 1024 * KiB;

/** Bounds of what a sender can make the webhooks hold or do, each with unit and reason. */
export const limits = {
  /** Bytes of a notification's body. */
  bodyBytesMax: 1 * MiB,
  /** Bytes of a push of the inbox, which holds a notification twice in Base64. */
  inboxBodyBytesMax: 2 * MiB,
  /** Bytes of all bodies that are read or worked on; further requests are told to come back. */
  bodiesBytesMax: 64 * MiB,
  /** Requests that are worked on at once, which bounds what small bodies cost beside their bytes. */
  requestsMax: 5_000,
  /** Requests that record at once; the others wait for their turn. */
  recordingMax: 256,
  /** Bytes of a request's headers. */
  headerBytesMax: 32 * KiB,
  /** Open connections, some 10 KB each; senders may open one for each notification. */
  connectionsMax: 5_000,
  /** Time that an idle connection is kept, in ms: longer than load balancers and senders keep theirs, so that they end it. */
  idleTimeMs: 65_000,
  /** Time to receive a request, in ms. */
  requestTimeMs: 30_000,
  /** Time to record the events of a request, in ms: GitHub gives up after 10 s. */
  recordTimeMs: 8_000,
  /** Delay that a sender is asked for, in s. */
  retryAfterSeconds: 5,
  /** Events of one call; a batch of them stays far below the service's bound. */
  batchEventsMax: 50,
  /** Calls at once for the deployments of one request. */
  callsAtOnceMax: 16,
  /** Heads of a service and environment that are looked through for the deployment of an alert, the newest first. */
  headsMax: 10_000,
  /** Heads of one page of that list. */
  headsPageSize: 1_000,
  /** Incidents whose deployments are found before they are recorded, and then the next ones: what is recorded stays when time ends. */
  incidentsAtOnceMax: 100,
  /** Events of a history that are read in the time of about one question for an event. */
  eventsReadPerQuestion: 50,
  /** Events of a history that is read at most: those of all asked deployments are read before the first incident is recorded. */
  eventsReadMax: 5_000,
  /** Events of one page of a history. */
  eventsPageSize: 1_000,
  /** Deployments that are asked whether an alert is known to them. */
  askedDeploymentsMax: 50,
  /** Time to publish to the inbox, in ms. */
  publishTimeMs: 5_000,
  /** Time to finish what is being answered when the process is told to end, in ms: longer than a request takes. */
  drainTimeMs: 9_000,
} as const;
