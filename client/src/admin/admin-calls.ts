import {
  ActivityEventsAdminService,
  DeleteDeploymentRequestSchema,
  type DeleteDeploymentResponse,
  ExpireDeploymentsRequestSchema,
  type ExpireDeploymentsResponse,
  type ExportRecord,
  PurgeDeploymentRequestSchema,
  type PurgeDeploymentResponse,
  RedactEventRequestSchema,
  type RedactEventResponse,
  ReplayEventsRequestSchema,
  type ReplayEventsResponse,
  UndeleteDeploymentRequestSchema,
  type UndeleteDeploymentResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@grpc/grpc-js";
import type { ActivityEventsError } from "../activity-events-error.ts";
import { isWorthRetrying, retryCall } from "../calls/retry-call.ts";
import { serverStream } from "../calls/server-stream.ts";
import { type CallOptions, unaryCall } from "../calls/unary-call.ts";
import { limits } from "../limits.ts";
import { type ExportRequest, exportRecords } from "../transfer/export-records.ts";
import { type ImportFrame, type ImportOptions, importRecords } from "../transfer/import-records.ts";

const methods = ActivityEventsAdminService.method;

/**
 * Calls that change what is recorded; each needs the role admin, or the service's admin token. All may be repeated, and all are retried
 * until the time limit while the server is unavailable.
 */
export class AdminCalls {
  readonly #channel: Client;

  constructor(channel: Client) {
    this.#channel = channel;
  }

  /** Empties one event for good and keeps its place. */
  redactEvent(
    request: MessageInitShape<typeof RedactEventRequestSchema>,
    options: CallOptions = {},
  ): Promise<RedactEventResponse> {
    const asked = create(RedactEventRequestSchema, request);
    return retryCall((attempt) => unaryCall(this.#channel, methods.redactEvent, asked, attempt), options);
  }

  /** Hides a deployment until it is undeleted. */
  deleteDeployment(
    request: MessageInitShape<typeof DeleteDeploymentRequestSchema>,
    options: CallOptions = {},
  ): Promise<DeleteDeploymentResponse> {
    const asked = create(DeleteDeploymentRequestSchema, request);
    return retryCall((attempt) => unaryCall(this.#channel, methods.deleteDeployment, asked, attempt), options);
  }

  /** Shows a deleted deployment again. */
  undeleteDeployment(
    request: MessageInitShape<typeof UndeleteDeploymentRequestSchema>,
    options: CallOptions = {},
  ): Promise<UndeleteDeploymentResponse> {
    const asked = create(UndeleteDeploymentRequestSchema, request);
    return retryCall((attempt) => unaryCall(this.#channel, methods.undeleteDeployment, asked, attempt), options);
  }

  /**
   * Purges the deployments whose time is over, and yields each as it is done, the summary last. May be called again after a failure. Aborting
   * leaves the rest as it is.
   */
  expireDeployments(
    request: MessageInitShape<typeof ExpireDeploymentsRequestSchema>,
    signal?: AbortSignal,
  ): AsyncGenerator<ExpireDeploymentsResponse, void, undefined> {
    const asked = create(ExpireDeploymentsRequestSchema, request);
    // All deployments are looked at before the first is named. The channel notices a dead connection.
    return serverStream(this.#channel, methods.expireDeployments, asked, { silenceMaxMs: () => "unbounded", signal });
  }

  /** Has the mirror publish events again: a range of one deployment, or a page of what all have received since a time. */
  replayEvents(
    request: MessageInitShape<typeof ReplayEventsRequestSchema>,
    options: CallOptions = {},
  ): Promise<ReplayEventsResponse> {
    const asked = create(ReplayEventsRequestSchema, request);
    return retryCall((attempt) => unaryCall(this.#channel, methods.replayEvents, asked, attempt), options);
  }

  /** Reads all that a store holds, or that of one environment, service and state, as records for `importEvents`. Needs the role admin. */
  exportEvents(
    request: ExportRequest = {},
    { signal }: Pick<CallOptions, "signal"> = {},
  ): AsyncGenerator<ExportRecord, void, undefined> {
    return exportRecords(this.#channel, request, signal);
  }

  /**
   * Stores the records of an export, and yields how far it came and what was refused. May be repeated: what is stored already is left as
   * it is. Needs the role admin.
   */
  importEvents(
    records: AsyncIterable<ExportRecord>,
    options: ImportOptions = {},
  ): AsyncGenerator<ImportFrame, void, undefined> {
    return importRecords(this.#channel, records, options);
  }

  /**
   * Removes a deployment's events for good, in steps; its time limit is therefore 10 minutes by default. When time is up, the deployment is
   * marked and may be purged in part; another call goes on. Does not retry MIRROR_BEHIND, since the caller may set `force`.
   */
  purgeDeployment(
    request: MessageInitShape<typeof PurgeDeploymentRequestSchema>,
    { timeoutMs = limits.purgeTimeoutMs, signal }: CallOptions = {},
  ): Promise<PurgeDeploymentResponse> {
    const asked = create(PurgeDeploymentRequestSchema, request);
    const call = (attempt: CallOptions) => unaryCall(this.#channel, methods.purgeDeployment, asked, attempt);
    return retryCall(call, { timeoutMs, signal }, goesOn());
  }
}

/**
 * Makes the rule of when a purge goes on: a server may end a long one by its own time limit, and goes on with the next call. For one that
 * is away, or whose store is, it waits as long as any call.
 */
function goesOn(): (error: ActivityEventsError) => boolean {
  let endMs: number | undefined;
  return (error) => {
    if (error.reason === "MIRROR_BEHIND") return false;
    if (error.code === "DEADLINE_EXCEEDED") {
      endMs = undefined;
      return true;
    }
    endMs ??= performance.now() + limits.callTimeoutMs;
    return isWorthRetrying(error) && performance.now() < endMs;
  };
}
