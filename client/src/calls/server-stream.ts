import { methodDefinition } from "@activity-events/proto/service-definition";
import type { DescMessage, DescMethodServerStreaming, Message, MessageShape } from "@bufbuild/protobuf";
import { type Client, Metadata } from "@grpc/grpc-js";
import { ActivityEventsError } from "../activity-events-error.ts";
import { decodeError } from "./decode-error.ts";
import { refuseUnkept } from "./unkept-values.ts";

/** Longest silence of a stream, and a signal that cancels it. */
export interface ServerStreamOptions {
  /** Returns the longest silence, in ms; called before each wait. */
  readonly silenceMaxMs: () => number | "unbounded";
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the messages of a server stream at the reader's pace. Throws an `ActivityEventsError`: UNAVAILABLE if the server is
 * silent for too long, CANCELLED if the signal aborts. Leaving the loop cancels the call.
 */
export async function* serverStream<Input extends DescMessage, Output extends DescMessage>(
  channel: Client,
  method: DescMethodServerStreaming<Input, Output>,
  request: MessageShape<Input>,
  { silenceMaxMs, signal }: ServerStreamOptions,
): AsyncGenerator<MessageShape<Output>, void, undefined> {
  refuseUnkept(method.input, request);
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  const call = channel.makeServerStreamRequest<Message, Message>(
    path,
    requestSerialize,
    responseDeserialize,
    request,
    new Metadata(),
    {},
  );
  // The status of a cancelled call arrives after the reader has left.
  call.on("error", () => {});
  const end = (error: ActivityEventsError) => {
    call.destroy(error);
    call.cancel();
  };
  const giveUp = () => end(new ActivityEventsError({ code: "CANCELLED", message: "The stream was given up." }));
  signal?.addEventListener("abort", giveUp);
  if (signal?.aborted) giveUp();
  try {
    const messages: AsyncIterator<MessageShape<Output>> = call[Symbol.asyncIterator]();
    for (;;) {
      // Time only the wait; a slow reader is not the server's silence.
      const watchdog = watch(silenceMaxMs(), end);
      const next = await messages.next().finally(() => clearTimeout(watchdog));
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    throw decodeError(error);
  } finally {
    signal?.removeEventListener("abort", giveUp);
    call.cancel();
  }
}

function watch(
  silenceMaxMs: number | "unbounded",
  end: (error: ActivityEventsError) => void,
): NodeJS.Timeout | undefined {
  if (silenceMaxMs === "unbounded") return undefined;
  const message = `The server sent nothing for ${silenceMaxMs / 1000} s.`;
  return setTimeout(() => end(new ActivityEventsError({ code: "UNAVAILABLE", message })), silenceMaxMs);
}
