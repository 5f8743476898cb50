import {
  ActivityEventsService,
  BatchCreateEventsRequestSchema,
  CreateEventRequestSchema,
  type CreateEventResponse,
  GetDeploymentRequestSchema,
  GetEventRequestSchema,
  ListDeploymentsRequestSchema,
  ListEventsRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import type { Client } from "@grpc/grpc-js";
import { ActivityEventsError } from "./activity-events-error.ts";
import { AdminCalls } from "./admin/admin-calls.ts";
import { BackOff } from "./calls/back-off.ts";
import { decodeEventPage } from "./calls/encoded-event-page.ts";
import { listPages, type Page } from "./calls/list-pages.ts";
import { openChannel, type ServiceAddress } from "./calls/open-channel.ts";
import { retryCall } from "./calls/retry-call.ts";
import { StreamChannel } from "./calls/stream-channel.ts";
import { type CallOptions, decodedCall, unaryCall } from "./calls/unary-call.ts";
import { throwIfAny } from "./calls/unkept-values.ts";
import { checkEventInit } from "./events/check-event-init.ts";
import { type EventInit, fillEventId } from "./events/fill-event-id.ts";
import { type EventNames, namesEvent, showNames } from "./events/named-event.ts";
import { type EncodedFrame, encodedFrames } from "./follow/encoded-frames.ts";
import { type EventFrame, eventFrames, type StreamRequest } from "./follow/event-frames.ts";
import { followEvents } from "./follow/follow-events.ts";
import type { FollowItem } from "./follow/follow-item.ts";
import { EventSink } from "./ingest/event-sink.ts";
import { ChannelConnection } from "./ingest/ingest-connection.ts";
import type { IngestOutcome } from "./ingest/ingest-outcome.ts";
import { limits } from "./limits.ts";
import { followAll } from "./watch/follow-all.ts";
import type { FollowAllItem } from "./watch/follow-all-item.ts";
import { watchDeployments } from "./watch/watch-deployments.ts";
import { type WatchFrame, type WatchRequest, watchFrames } from "./watch/watch-frames.ts";
import type { WatchItem } from "./watch/watch-item.ts";

/** What to follow. */
export interface FollowAllRequest {
  /** Of deployments; empty matches all. */
  readonly environment?: string | undefined;
  readonly service?: string | undefined;
  /** Where to begin with the deployments that are there: behind their last event, or at their first. */
  readonly from?: "heads" | "start";
  /** Of events; unset matches all. */
  readonly filter?: StreamRequest["filter"];
}

const methods = ActivityEventsService.method;

/**
 * Client of the activity log at one address. Takes the requests of the contract; every failure is an
 * `ActivityEventsError`. Connects at the first call and keeps one connection until `close()`.
 */
export class ActivityEventsClient {
  /** Calls that change what is recorded. */
  readonly admin: AdminCalls;
  readonly #service: ServiceAddress;
  readonly #channel: Client;
  readonly #streamChannel: StreamChannel;

  constructor(service: ServiceAddress) {
    this.#service = service;
    this.#channel = openChannel(service);
    this.admin = new AdminCalls(this.#channel);
    this.#streamChannel = new StreamChannel(this.#channel, () => this.#openOwnChannel());
  }

  /**
   * Waits until the service is reached, retrying as needed. After the time limit it fails with UNAVAILABLE and the error of
   * the last attempt. Optional: other calls connect themselves, but try only once.
   */
  async connect({ timeoutMs = limits.callTimeoutMs }: Pick<CallOptions, "timeoutMs"> = {}): Promise<void> {
    const late = await new Promise<unknown>((settle) => this.#channel.waitForReady(Date.now() + timeoutMs, settle));
    if (late === undefined) return;
    // Only a call tells why the channel cannot connect.
    await this.checkHealth("", { timeoutMs: 1_000 }).catch((error: unknown) => {
      if (!(error instanceof ActivityEventsError)) return;
      if (error.code === "UNAVAILABLE") throw error;
      if (error.code !== "DEADLINE_EXCEEDED") return;
      const message = `The service did not answer within ${timeoutMs / 1_000} s.`;
      throw new ActivityEventsError({ code: "DEADLINE_EXCEEDED", message }, { cause: error });
    });
  }

  /**
   * Records one event. Fills in an empty `event_id` before the first attempt and retries until the time limit while the
   * server is unavailable; the event is stored once.
   */
  async createEvent(
    request: MessageInitShape<typeof CreateEventRequestSchema>,
    options: CallOptions = {},
  ): Promise<CreateEventResponse> {
    throwIfAny(checkEventInit(request.event ?? {}, "event"));
    const event = fillEventId(request.event ?? {});
    const filled = create(CreateEventRequestSchema, { ...request, event });
    const call = (attempt: CallOptions) => unaryCall(this.#channel, methods.createEvent, filled, attempt);
    return named(await retryCall(call, options), event);
  }

  /** Records events of one deployment, all or none, with ids and retries as in `createEvent`. Returns results in request order. */
  async batchCreateEvents(
    request: MessageInitShape<typeof BatchCreateEventsRequestSchema>,
    options: CallOptions = {},
  ): Promise<CreateEventResponse[]> {
    const inits = request.events ?? [];
    throwIfAny(inits.flatMap((init, index) => checkEventInit(init, `events[${index}]`)));
    const events = inits.map(fillEventId);
    const filled = create(BatchCreateEventsRequestSchema, { ...request, events });
    const call = (attempt: CallOptions) => unaryCall(this.#channel, methods.batchCreateEvents, filled, attempt);
    const { results } = await retryCall(call, options);
    if (results.length !== events.length) {
      const message = `The server answered ${results.length} of ${events.length} events.`;
      throw new ActivityEventsError({ code: "INTERNAL", message });
    }
    const { deploymentId } = filled;
    return results.map((result, index) => named(result, { deploymentId, eventId: events[index]?.eventId ?? "" }));
  }

  /**
   * Records events of any deployments, each once, and yields the outcome of each, in order.
   *
   * - Takes events only as fast as the service stores them and the outcomes are read; sends them without waiting for more.
   * - Reconnects and resends unacknowledged events. A refused event is an outcome; the others continue.
   * - Ends when the source has ended and every outcome was read; then throws the error of the source, if any.
   * - Fails when events wait `timeoutMs` (default 10,000) without an acknowledgement and the health check does not report
   *   SERVING either, and after six times `timeoutMs` in any case. An aborted `signal` fails with CANCELLED, after the
   *   known outcomes.
   * - An event without an outcome may be stored: send it again under the same id.
   */
  ingestEvents(
    events: Iterable<EventInit> | AsyncIterable<EventInit>,
    { timeoutMs = limits.callTimeoutMs, signal }: CallOptions = {},
  ): AsyncGenerator<IngestOutcome, void, undefined> {
    const sink = new EventSink({
      source: events,
      connection: new ChannelConnection(this.#channel, () => this.#openOwnChannel()),
      backOff: new BackOff(limits.ingestBackOff),
      timeoutMs,
      silenceMs: limits.ingestSilenceMs,
      signal,
    });
    return sink.outcomes();
  }

  /** Reads one event. */
  async getEvent(request: MessageInitShape<typeof GetEventRequestSchema>, options: CallOptions = {}): Promise<Event> {
    const answer = await unaryCall(this.#channel, methods.getEvent, create(GetEventRequestSchema, request), options);
    return present(answer.event, "event");
  }

  /** Lists the events of one deployment, page by page; `timeoutMs` limits each page. */
  listEvents(
    request: MessageInitShape<typeof ListEventsRequestSchema>,
    options: CallOptions = {},
  ): AsyncGenerator<Event, void, undefined> {
    return listPages((pageToken) => this.readEvents({ ...request, pageToken }, options));
  }

  /** Reads one page of a deployment's events. */
  async readEvents(
    request: MessageInitShape<typeof ListEventsRequestSchema>,
    options: CallOptions = {},
  ): Promise<Page<Event>> {
    const asked = create(ListEventsRequestSchema, request);
    const { events, nextPageToken } = await unaryCall(this.#channel, methods.listEvents, asked, options);
    return { items: events, nextPageToken };
  }

  /**
   * Reads one page of a deployment's events as encoded `Event` messages, with the bytes that the service sent. A check of
   * them does not depend on this client's encoder.
   */
  readEncodedEvents(
    request: MessageInitShape<typeof ListEventsRequestSchema>,
    options: CallOptions = {},
  ): Promise<Page<Uint8Array>> {
    return decodedCall({
      channel: this.#channel,
      method: methods.listEvents,
      request: create(ListEventsRequestSchema, request),
      options,
      decode: decodeEventPage,
    });
  }

  /** Reads one stream frame by frame to its end. */
  streamEvents(
    request: StreamRequest,
    { signal }: Pick<CallOptions, "signal"> = {},
  ): AsyncGenerator<EventFrame, void, undefined> {
    return eventFrames(this.#streamChannel, request, signal);
  }

  /**
   * Reads one stream as `streamEvents` does, with events as encoded `Event` messages, the bytes that the service sent: what is
   * computed of them does not depend on this client's encoder.
   */
  streamEncodedEvents(
    request: StreamRequest,
    { signal }: Pick<CallOptions, "signal"> = {},
  ): AsyncGenerator<EncodedFrame, void, undefined> {
    return encodedFrames(this.#streamChannel, request, signal);
  }

  /** Follows a deployment across reconnects: each event after the cursor once and in order; see `followEvents`. */
  followEvents(
    request: Omit<StreamRequest, "$typeName" | "$unknown" | "follow">,
    { signal }: Pick<CallOptions, "signal"> = {},
  ): AsyncGenerator<FollowItem, void, undefined> {
    return followEvents({
      openStream: (afterSequence) => this.streamEvents({ ...request, afterSequence, follow: true }, { signal }),
      afterSequence: request.afterSequence ?? 0n,
      filtered: request.filter !== undefined,
      backOff: new BackOff(limits.followBackOff),
      signal,
    });
  }

  /** Reads the head of one deployment. */
  async getDeployment(
    request: MessageInitShape<typeof GetDeploymentRequestSchema>,
    options: CallOptions = {},
  ): Promise<Deployment> {
    const asked = create(GetDeploymentRequestSchema, request);
    return present((await unaryCall(this.#channel, methods.getDeployment, asked, options)).deployment, "deployment");
  }

  /** Lists deployments, newest created first, page by page; `timeoutMs` limits each page. */
  listDeployments(
    request: MessageInitShape<typeof ListDeploymentsRequestSchema> = {},
    options: CallOptions = {},
  ): AsyncGenerator<Deployment, void, undefined> {
    return listPages((pageToken) => this.readDeployments({ ...request, pageToken }, options));
  }

  /** Reads one page of the list of deployments. */
  async readDeployments(
    request: MessageInitShape<typeof ListDeploymentsRequestSchema> = {},
    options: CallOptions = {},
  ): Promise<Page<Deployment>> {
    const asked = create(ListDeploymentsRequestSchema, request);
    const { deployments, nextPageToken } = await unaryCall(this.#channel, methods.listDeployments, asked, options);
    return { items: deployments, nextPageToken };
  }

  /** Reads one watch frame by frame to its end. */
  watchFrames(
    request: WatchRequest = {},
    { signal }: Pick<CallOptions, "signal"> = {},
  ): AsyncGenerator<WatchFrame, void, undefined> {
    return watchFrames(this.#streamChannel, request, signal);
  }

  /** Watches deployments across reconnects: all as they are, then each that changes; see `WatchItem`. */
  watchDeployments(
    request: Omit<WatchRequest, "$typeName" | "$unknown"> = {},
    { signal }: Pick<CallOptions, "signal"> = {},
  ): AsyncGenerator<WatchItem, void, undefined> {
    return watchDeployments({
      openWatch: () => this.watchFrames(request, { signal }),
      createTimeFrom: request.createTimeFrom && create(TimestampSchema, request.createTimeFrom),
      backOff: new BackOff(limits.followBackOff),
      signal,
    });
  }

  /**
   * Follows the events of all deployments of an environment and a service, or of all, across reconnects: each event once, and in order
   * within its deployment; see `FollowAllItem`.
   */
  followAll(
    { environment = "", service = "", from = "heads", filter }: FollowAllRequest = {},
    { signal }: Pick<CallOptions, "signal"> = {},
  ): AsyncGenerator<FollowAllItem, void, undefined> {
    return followAll({
      watch: this.watchDeployments({ filter: { environment, service } }, { signal }),
      // With heartbeats, since a way that fell silent would otherwise never be noticed.
      openStream: (deploymentId, afterSequence) =>
        this.streamEvents({ deploymentId, afterSequence, filter, follow: true }, { signal }),
      from,
      filtered: filter !== undefined,
      newBackOff: () => new BackOff(limits.followBackOff),
      signal,
    });
  }

  /** Checks the health of a service; the empty name means the whole server. */
  async checkHealth(service = "", options: CallOptions = {}): Promise<keyof typeof ServingStatus> {
    const asked = create(HealthCheckRequestSchema, { service });
    const { status } = await unaryCall(this.#channel, Health.method.check, asked, options);
    return (ServingStatus[status] as keyof typeof ServingStatus | undefined) ?? "UNKNOWN";
  }

  /** Closes the connection; pending calls fail. */
  close(): void {
    this.#streamChannel.close();
    this.#channel.close();
  }

  #openOwnChannel(): Client {
    return openChannel(this.#service, { ownConnection: true });
  }
}

/** Checks that an answer names the event that was sent, and returns it. */
function named(answer: CreateEventResponse, sent: EventNames): CreateEventResponse {
  const event = present(answer.event, "event");
  if (namesEvent(event, sent)) return answer;
  const message = `The server answered with ${showNames(event)}; sent was ${showNames(sent)}. What it stored is unknown.`;
  throw new ActivityEventsError({ code: "INTERNAL", message });
}

function present<Part>(part: Part | undefined, name: string): Part {
  if (part !== undefined) return part;
  throw new ActivityEventsError({ code: "INTERNAL", message: `The server's answer has no ${name}.` });
}
