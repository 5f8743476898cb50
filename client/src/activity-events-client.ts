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
import type { Client } from "@grpc/grpc-js";
import { ActivityEventsError } from "./activity-events-error.ts";
import { BackOff } from "./calls/back-off.ts";
import { decodeEventPage } from "./calls/encoded-event-page.ts";
import { listPages, type Page } from "./calls/list-pages.ts";
import { openChannel, type ServiceAddress } from "./calls/open-channel.ts";
import { retryAppend } from "./calls/retry-append.ts";
import { type CallOptions, decodedCall, unaryCall } from "./calls/unary-call.ts";
import { throwIfAny } from "./calls/unkept-values.ts";
import { checkEventInit } from "./events/check-event-init.ts";
import { type EventInit, fillEventId } from "./events/fill-event-id.ts";
import { type EventNames, namesEvent, showNames } from "./events/named-event.ts";
import { type EventFrame, eventFrames, type StreamRequest } from "./follow/event-frames.ts";
import { followEvents } from "./follow/follow-events.ts";
import type { FollowItem } from "./follow/follow-item.ts";
import { EventSink } from "./ingest/event-sink.ts";
import { ChannelConnection } from "./ingest/ingest-connection.ts";
import type { IngestOutcome } from "./ingest/ingest-outcome.ts";
import { limits } from "./limits.ts";

const methods = ActivityEventsService.method;

/**
 * A client of the activity log at one address. Requests are those of the contract; every failure is an
 * `ActivityEventsError`. It connects at the first call and holds one connection until `close()`.
 */
export class ActivityEventsClient {
  readonly #service: ServiceAddress;
  readonly #channel: Client;

  constructor(service: ServiceAddress) {
    this.#service = service;
    this.#channel = openChannel(service);
  }

  /**
   * Waits until the service has been reached, however often that has to be tried; fails with UNAVAILABLE and what the
   * last attempt met when the time is up. Other calls do not need it: they connect by themselves, but try only once.
   */
  async connect({ timeoutMs = limits.callTimeoutMs }: Pick<CallOptions, "timeoutMs"> = {}): Promise<void> {
    const late = await new Promise<unknown>((settle) => this.#channel.waitForReady(Date.now() + timeoutMs, settle));
    if (late === undefined) return;
    // The channel does not say what is wrong; a call does.
    await this.checkHealth("", { timeoutMs: 1_000 }).catch((error: unknown) => {
      if (!(error instanceof ActivityEventsError)) return;
      if (error.code === "UNAVAILABLE") throw error;
      if (error.code !== "DEADLINE_EXCEEDED") return;
      const message = `The service did not answer within ${timeoutMs / 1_000} s.`;
      throw new ActivityEventsError({ code: "DEADLINE_EXCEEDED", message }, { cause: error });
    });
  }

  /**
   * Records one event. An empty `event_id` is filled in before the first attempt, and while the server is away the call is
   * repeated until its time is up: the event is stored once.
   */
  async createEvent(
    request: MessageInitShape<typeof CreateEventRequestSchema>,
    options: CallOptions = {},
  ): Promise<CreateEventResponse> {
    throwIfAny(checkEventInit(request.event ?? {}, "event"));
    const event = fillEventId(request.event ?? {});
    const filled = create(CreateEventRequestSchema, { ...request, event });
    const call = (attempt: CallOptions) => unaryCall(this.#channel, methods.createEvent, filled, attempt);
    return named(await retryAppend(call, options), event);
  }

  /** Records events of one deployment, all or none, with the same care as `createEvent`; answers in request order. */
  async batchCreateEvents(
    request: MessageInitShape<typeof BatchCreateEventsRequestSchema>,
    options: CallOptions = {},
  ): Promise<CreateEventResponse[]> {
    const inits = request.events ?? [];
    throwIfAny(inits.flatMap((init, index) => checkEventInit(init, `events[${index}]`)));
    const events = inits.map(fillEventId);
    const filled = create(BatchCreateEventsRequestSchema, { ...request, events });
    const call = (attempt: CallOptions) => unaryCall(this.#channel, methods.batchCreateEvents, filled, attempt);
    const { results } = await retryAppend(call, options);
    if (results.length !== events.length) {
      const message = `The server answered ${results.length} of ${events.length} events.`;
      throw new ActivityEventsError({ code: "INTERNAL", message });
    }
    const { deploymentId } = filled;
    return results.map((result, index) => named(result, { deploymentId, eventId: events[index]?.eventId ?? "" }));
  }

  /**
   * Records events of any deployments as they come, each once, and tells what came of each, in their order. It takes them
   * only as fast as the service stores them and the outcomes are read, sends what it has without waiting for more, and
   * connects anew and sends again what was not acknowledged when the service goes and comes back. An event that is refused
   * is an outcome like any other. It ends when the source has ended and every outcome was read; what the source throws it
   * throws then. With `timeoutMs` (default 10,000) it fails when events wait that long while no acknowledgement comes
   * and the service does not say that it serves, either; after six times as long in any case. With `signal` it fails with
   * CANCELLED; outcomes that are known by then come first. What it told nothing about may be
   * stored: send it again under the same id.
   */
  ingestEvents(
    events: Iterable<EventInit> | AsyncIterable<EventInit>,
    { timeoutMs = limits.callTimeoutMs, signal }: CallOptions = {},
  ): AsyncGenerator<IngestOutcome, void, undefined> {
    const sink = new EventSink({
      source: events,
      connection: new ChannelConnection(this.#channel, () => openChannel(this.#service, { ownConnection: true })),
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

  /** Reads the events of one deployment, page after page; `timeoutMs` counts for each page. */
  listEvents(
    request: MessageInitShape<typeof ListEventsRequestSchema>,
    options: CallOptions = {},
  ): AsyncGenerator<Event, void, undefined> {
    return listPages(async (pageToken) => {
      const asked = create(ListEventsRequestSchema, { ...request, pageToken });
      const { events, nextPageToken } = await unaryCall(this.#channel, methods.listEvents, asked, options);
      return { items: events, nextPageToken };
    });
  }

  /**
   * Reads one page of a deployment's events, each an encoded `Event` with the bytes that the service sent; what checks them
   * needs no encoding to be the same everywhere.
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

  /** Reads one stream, frame by frame, to its end. */
  streamEvents(
    request: StreamRequest,
    { signal }: Pick<CallOptions, "signal"> = {},
  ): AsyncGenerator<EventFrame, void, undefined> {
    return eventFrames(this.#channel, request, signal);
  }

  /** Follows a deployment, stream after stream: each event after the cursor once and in order; see `followEvents`. */
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

  /** Reads where one deployment stands. */
  async getDeployment(
    request: MessageInitShape<typeof GetDeploymentRequestSchema>,
    options: CallOptions = {},
  ): Promise<Deployment> {
    const asked = create(GetDeploymentRequestSchema, request);
    return present((await unaryCall(this.#channel, methods.getDeployment, asked, options)).deployment, "deployment");
  }

  /** Reads deployments, the newest created first, page after page; `timeoutMs` counts for each page. */
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

  /** Asks whether a service is serving; the empty name stands for the server as a whole. */
  async checkHealth(service = "", options: CallOptions = {}): Promise<keyof typeof ServingStatus> {
    const asked = create(HealthCheckRequestSchema, { service });
    const { status } = await unaryCall(this.#channel, Health.method.check, asked, options);
    return (ServingStatus[status] as keyof typeof ServingStatus | undefined) ?? "UNKNOWN";
  }

  /** Closes the connection; calls that are under way fail. */
  close(): void {
    this.#channel.close();
  }
}

/** An answer that names the event that was sent. */
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
