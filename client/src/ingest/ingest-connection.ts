import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus,
} from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { create } from "@bufbuild/protobuf";
import { type Client, connectivityState } from "@grpc/grpc-js";
import { unaryCall } from "../calls/unary-call.ts";
import { type IngestListener, type IngestStream, openIngestStream } from "./ingest-stream.ts";

/** The way of one sink to the service. */
export interface IngestConnection {
  /** Opens a stream. Throws what grpc-js throws of a channel that was closed. */
  open(listener: IngestListener): IngestStream;
  /** Abandons the silent connection: the next stream takes another one. */
  renew(): void;
  /** Tells whether the service itself, not a proxy before it, reports SERVING within this time; never fails. */
  serves(timeoutMs: number): Promise<boolean>;
  /** No stream follows, and none is under way. */
  close(): void;
}

/**
 * Takes the channel of the client and, once that was silent, channels of its own: a call that is cancelled leaves its
 * connection as it is, and the next one would meet the same silence. Other calls of the client are left alone.
 */
export class ChannelConnection implements IngestConnection {
  readonly #channel: Client;
  readonly #openOwn: () => Client;
  #own: Client | undefined;
  #asking: Client | undefined;

  /** `openOwn` opens a channel that shares no connection with another. */
  constructor(channel: Client, openOwn: () => Client) {
    this.#channel = channel;
    this.#openOwn = openOwn;
  }

  open(listener: IngestListener): IngestStream {
    // Whoever closed the client's channel meant this one, too.
    const isClosed = this.#channel.getChannel().getConnectivityState(false) === connectivityState.SHUTDOWN;
    return openIngestStream(isClosed ? this.#channel : (this.#own ?? this.#channel), listener);
  }

  renew(): void {
    this.#own?.close();
    this.#own = this.#openOwn();
  }

  // Over a third connection: on that of the stream the question waits behind all the events that are on their way.
  async serves(timeoutMs: number): Promise<boolean> {
    const request = create(HealthCheckRequestSchema);
    try {
      this.#asking ??= this.#openOwn();
      const { status } = await unaryCall(this.#asking, Health.method.check, request, { timeoutMs });
      return status === HealthCheckResponse_ServingStatus.SERVING;
    } catch {
      return false;
    }
  }

  close(): void {
    this.#own?.close();
    this.#asking?.close();
  }
}
