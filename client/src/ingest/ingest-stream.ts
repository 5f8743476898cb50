import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { type Client, Metadata } from "@grpc/grpc-js";
import { decodeError } from "../calls/decode-error.ts";
import type { IngestEnding } from "./ingest-ending.ts";
import { type Acknowledgement, decodeIngestFrame, type IngestFrame } from "./ingest-frame.ts";
import type { IngestWindow } from "./ingest-queue.ts";

/** Receives the frames of a stream; `ended` is the last call. */
export interface IngestListener {
  opened(window: IngestWindow): void;
  acknowledged(acknowledgements: readonly Acknowledgement[]): void;
  ended(ending: IngestEnding): void;
}

/** One IngestEvents call. */
export interface IngestStream {
  /** Sends an encoded message. Unread messages are buffered, so the window must bound them. */
  send(message: Buffer): void;
  /** Half-closes the stream. */
  finish(): void;
  /** Cancels the call; the listener is not called any more. */
  leave(): void;
}

const path = methodPath(ActivityEventsService.method.ingestEvents);
const asItIs = (bytes: Buffer): Buffer => bytes;

/** Opens one IngestEvents call. Throws grpc-js' error if the channel was closed. */
export function openIngestStream(channel: Client, listener: IngestListener): IngestStream {
  const call = channel.makeBidiStreamRequest<Buffer, Buffer>(path, asItIs, asItIs, new Metadata(), {});
  let isOver = false;
  let error: unknown;
  const end = (ending: IngestEnding) => {
    if (isOver) return;
    isOver = true;
    listener.ended(ending);
  };
  call.on("data", (bytes: Buffer) => {
    if (isOver) return;
    try {
      const goaway = tell(decodeIngestFrame(bytes), listener);
      if (goaway === undefined) return;
      // The server ends the stream by itself.
      call.end();
      end(goaway);
    } catch (thrown) {
      call.cancel();
      end({ kind: "failed", error: decodeError(thrown) });
    }
  });
  call.on("error", (thrown) => {
    error = thrown;
  });
  // Emitted after all messages, however the call ended.
  call.on("end", () => end(error === undefined ? { kind: "ok" } : { kind: "failed", error: decodeError(error) }));
  return {
    send: (message) => call.write(message),
    finish: () => {
      if (!call.writableEnded) call.end();
    },
    leave: () => {
      isOver = true;
      call.cancel();
    },
  };
}

/** Passes one frame to the listener; returns the ending if it is a goaway. */
function tell(frame: IngestFrame, listener: IngestListener): IngestEnding | undefined {
  switch (frame.case) {
    case "opened": {
      const { windowEvents, windowBytes } = frame.value;
      listener.opened({ events: Number(windowEvents), bytes: Number(windowBytes) });
      return undefined;
    }
    case "acknowledgements":
      listener.acknowledged(frame.value.acknowledgements);
      return undefined;
    case "goaway": {
      const { lastOrdinal, retryDelay } = frame.value;
      return { kind: "goaway", lastOrdinal, retryDelayMs: retryDelay === undefined ? 0 : durationMs(retryDelay) };
    }
    // A frame of a newer server.
    default:
      return undefined;
  }
}
