const KiB = 1024;
const MiB = 1024 * KiB;

/** Bounds of everything that a browser or a store can make the metrics service hold or do, each with unit and reason. */
export const limits = {
  /** Heads that are held, the newest by creation: some 1.5 KB each, and the container has 512 MiB. */
  heldDeploymentsMax: 100_000,
  /** Time for which a scrape or a report keeps the watch open, in ms: scrapes come once a minute or so. */
  watchKeptMs: 300_000,
  /** Time after which a refused watch is tried again, in ms. */
  watchRetryMs: 5_000,
  /** Longest wait of a report or a scrape for the first complete list, in ms: a scraper gives up after 10 s. */
  listTimeMs: 8_000,

  /** Open sockets: each costs some 20 KB while its page reads, and its share of `untakenAll` and a frame while it does not. */
  socketsMax: 1_200,
  /** Age at which a socket is closed, in ms. The page opens another: so a new revision gets its readers, and access is checked again. */
  socketAgeMs: 900_000,
  /** Interval of `alive`, in ms: shorter than the idle time of common proxies, 60 s. */
  aliveIntervalMs: 15_000,
  /** Time within which a page must take what was sent and answer a ping, in ms. */
  pongTimeMs: 40_000,
  /** Subscriptions of one socket: a view has one or two. */
  subscriptionsMax: 8,
  /** Characters of a subscription's name. */
  subscriptionNameMax: 64,
  /** Bytes of one message from the page: the largest is a filter with two names of 256 bytes. */
  requestBytesMax: 8 * KiB,
  /** Messages that a socket may send at once, and again each second after. */
  requestsBurst: 60,
  requestsPerSecond: 10,
  /**
   * Characters on their way to a page, which it has not taken, from which on nothing is added, at most; and of all pages, in equal
   * shares. They wait here or in the kernel, which counts as the container's memory too.
   */
  untakenMax: 256 * KiB,
  untakenAll: 48 * MiB,
  /** Characters of a frame from which on no head or event is added. */
  frameCharactersTarget: 32 * KiB,
  /** Heads of one `deployments` frame, some 700 characters each. */
  frameDeploymentsMax: 200,
  /** Changed deployments that wait for a slow socket, some 40 bytes each; beyond it there is a new snapshot. */
  dirtyDeploymentsMax: 2_000,
  /** Events of one `events` frame. */
  frameEventsMax: 200,

  /** Histories that are read at a time: grpc-js reads some 14 MB ahead of each. */
  historiesAtOnce: 6,
  /** Pages of events over HTTP that are made and sent at a time: up to 3 MiB encoded each, and some 25 MB while it becomes JSON. */
  eventPagesAtOnce: 4,
  /** Time in which a client takes such a page, in ms: 3 MiB take a slow line some seconds. */
  answerTimeMs: 30_000,
  /** Time for which a stream waits for a page that does not read, in ms: some round trips. */
  unreadTimeMs: 500,

  /** Longest time for which changes of what runs where wait for a look, in ms. */
  lookIntervalMaxMs: 1_000,
  /** Last successes of a service and environment that `now` shows, for how long a deployment usually takes. */
  recentSuccessesMax: 5,

  /** Bytes of the header fields of a request: those of IAP take some 2 KB. */
  headerBytesMax: 32 * KiB,
  /** Time for a request's header fields and body, in ms. */
  requestTimeMs: 10_000,
  /** Open connections: sockets, and those of requests. */
  connectionsMax: 4_000,
  /** Time that a page has to take its close frame when the process ends, in ms; Cloud Run gives 10 s in all. */
  drainTimeMs: 3_000,
  /** Age up to which a report is given again, in ms: without any change, and while deployments change all the time. */
  reportKeptMs: 10_000,
  changedReportKeptMs: 1_000,
  /** Reports that are kept, each for one choice of service, environment and window: some 100 KB each at most. */
  reportsKeptMax: 50,
  /** Groupings of deployments that are kept, each for one choice of what may be read: up to 1 MB each. */
  groupingsKeptMax: 10,
} as const;
