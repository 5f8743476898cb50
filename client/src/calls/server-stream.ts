import { methodDefinition } from "@activity-events/proto/service-definition";
import {
  type DescMessage,
  type DescMethodServerStreaming,
  fromBinary,
  type Message,
  type MessageShape,
} from "@bufbuild/protobuf";
import { type Client, Metadata } from "@grpc/grpc-js";
import { ActivityEventsError } from "../activity-events-error.ts";
import { decodeError } from "./decode-error.ts";
import { refuseUnkept } from "./unkept-values.ts";

/** Longest silence of a stream, and a signal that cancels it. */
export interface ServerStreamOptions {
  /** Returns the longest silence, in ms; called before each wait. */
  readonly silenceMaxMs: () => number | "unbounded";
  readonly signal?: AbortSignal | undefined;
  /** Called when the server was silent for too long. */
  readonly onSilent?: () => void;
}

/**
 * Reads the messages of a server stream at the reader's pace. Throws an `ActivityEventsError`: UNAVAILABLE if the server is
 * silent for too long, CANCELLED if the signal aborts. Leaving the loop cancels the call.
 */
export function serverStream<Input extends DescMessage, Output extends DescMessage>(
  channel: Client,
  method: DescMethodServerStreaming<Input, Output>,
  request: MessageShape<Input>,
  options: ServerStreamOptions,
): AsyncGenerator<MessageShape<Output>, void, undefined> {
  return decodedStream({ channel, method, request, options, decode: (bytes) => fromBinary(method.output, bytes) });
}

/** A server stream with its own decoder for the messages. */
export interface DecodedStream<Input extends DescMessage, Answer> {
  readonly channel: Client;
  readonly method: DescMethodServerStreaming<Input>;
  readonly request: MessageShape<Input>;
  readonly options: ServerStreamOptions;
  readonly decode: (bytes: Uint8Array) => Answer;
}

/** Reads a server stream as `serverStream` does; it also fails if a message cannot be decoded. */
export async function* decodedStream<Input extends DescMessage, Answer>({
  channel,
  method,
  request,
  options: { silenceMaxMs, signal, onSilent = () => {} },
  decode,
}: DecodedStream<Input, Answer>): AsyncGenerator<Answer, void, undefined> {
  refuseUnkept(method.input, request);
  const { path, requestSerialize } = methodDefinition(method);
  const call = channel.makeServerStreamRequest<Message, Answer>(
    path,
    requestSerialize,
    decode,
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
    const messages: AsyncIterator<Answer> = call[Symbol.asyncIterator]();
    for (;;) {
      // Time only the wait; a slow reader is not the server's silence.
      const watchdog = watch(silenceMaxMs(), (error) => {
        onSilent();
        end(error);
      });
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
