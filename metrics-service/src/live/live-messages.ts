import type {
  StreamEventsResponseJson,
  WatchDeploymentsRequestJson,
  WatchDeploymentsResponseJson,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";

// The two sides of /live: proto JSON in an envelope. The page imports these types too.

/** Subprotocol of the WebSocket. */
export const subprotocol = "activity-events.v1";

/** Message from the page. `subscription` is a name that the page chooses, of at most 64 characters. */
export type LiveRequest =
  | { readonly subscribe: Subscribe }
  /** Frees the name at once. Frames that are under way may still come. */
  | { readonly unsubscribe: { readonly subscription: string } };

export type Subscribe = { readonly subscription: string } & Wanted;

type Wanted =
  /** Heads that match, newest first, then every change. */
  | { readonly deployments: WatchDeploymentsRequestJson }
  /**
   * The heads that say what runs where now, by service and environment: the last five that succeeded and were not rolled back, the one
   * that changed last, the one that removed the service, and all that are queued or running. Frames as of `deployments`.
   */
  | { readonly now: WatchDeploymentsRequestJson }
  /** Events of one deployment after a sequence, a decimal number, then every later one. */
  | { readonly deployment: { readonly deploymentId: string; readonly afterSequence?: string } };

/** Message to the page. */
export type LiveMessage =
  /** The first message, and again every `heartbeatIntervalMs`: the socket is alive. */
  { readonly alive: Alive } | ({ readonly subscription: string } & LiveFrame);

export interface Alive {
  /** Time on the server's clock, RFC 3339. */
  readonly serverTime: string;
  readonly heartbeatIntervalMs: number;
  /** True while the metrics service reads from the service. */
  readonly isServiceReached: boolean;
  /** Why the service is not reached, in words; absent while it is. */
  readonly fault?: string;
  /** Who looks, such as `user:mira@example.com`; absent where nobody checks identities. */
  readonly principal?: string;
  /** Address of the service, `HOST:PORT`, where only this machine sees the page: for commands to copy. */
  readonly serviceAddress?: string;
}

/** Frames of one subscription. */
export type LiveFrame =
  /** `opened`, `deployments`, `damaged`, `caughtUp`, `left`, `fellBehind` of WatchDeployments. `opened` begins a snapshot. */
  | WatchDeploymentsResponseJson
  /** `events`, `caughtUp`, `fellBehind`, `heartbeat` of StreamEvents, for `deployment`. */
  | StreamEventsResponseJson
  /** The subscription was refused or is over. */
  | { readonly ended: Ended };

export interface Ended {
  /** Name of a gRPC status, such as NOT_FOUND or INVALID_ARGUMENT. */
  readonly status: string;
  readonly message: string;
}

/** Codes with which the server closes a socket; the page reconnects after all but `refused`. */
export const closeCodes = {
  /** The socket has reached its longest age. */
  age: 4_000,
  /** The viewer's proof of identity has ended, or they may read something else from now on. */
  credentials: 4_001,
  /** The server ends or restarts: RFC 6455's "service restart". */
  restart: 1_012,
  /** The page has sent what no page sends: rubbish, too much, too often. RFC 6455's "policy violation". */
  refused: 1_008,
  /** The page does not read. RFC 6455's "try again later". */
  slow: 1_013,
} as const;
