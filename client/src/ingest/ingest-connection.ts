import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus,
} from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { create } from "@bufbuild/protobuf";
import { type Client, connectivityState } from "@grpc/grpc-js";
import { unaryCall } from "../calls/unary-call.ts";
import { type IngestListener, type IngestStream, openIngestStream } from "./ingest-stream.ts";

/** A sink's connection to the service. */
export interface IngestConnection {
  /** Opens a stream. Throws grpc-js' error if the channel was closed. */
  open(listener: IngestListener): IngestStream;
  /** Abandons the silent connection; the next stream uses another one. */
  renew(): void;
  /** Tells whether the service itself, not a proxy, reports SERVING within this time; never throws. */
  serves(timeoutMs: number): Promise<boolean>;
  /** Closes the connection; no stream may be open. */
  close(): void;
}

/**
 * Uses the client's channel and, after that was silent, its own channels: a cancelled call does not close its connection,
 * so the next call would meet the same silence. Other calls of the client are not affected.
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
    // Closing the client's channel also closes this one.
    const isClosed = this.#channel.getChannel().getConnectivityState(false) === connectivityState.SHUTDOWN;
    return openIngestStream(isClosed ? this.#channel : (this.#own ?? this.#channel), listener);
  }

  renew(): void {
    this.#own?.close();
    this.#own = this.#openOwn();
  }

  // On a separate connection: on the stream's, the check would wait behind all events in flight.
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
