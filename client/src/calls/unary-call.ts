import { methodDefinition } from "@activity-events/proto/service-definition";
import {
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type Message,
  type MessageShape,
} from "@bufbuild/protobuf";
import { type Client, Metadata } from "@grpc/grpc-js";
import { ActivityEventsError } from "../activity-events-error.ts";
import { limits } from "../limits.ts";
import { decodeError } from "./decode-error.ts";
import { refuseUnkept } from "./unkept-values.ts";

/** Options of one call. */
export interface CallOptions {
  /** Time limit of the call, including retries, in ms; default 10,000. */
  readonly timeoutMs?: number;
  /** Cancels the call, which then fails with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
}

/** Makes one unary call. Throws an `ActivityEventsError`. */
export function unaryCall<Input extends DescMessage, Output extends DescMessage>(
  channel: Client,
  method: DescMethodUnary<Input, Output>,
  request: MessageShape<Input>,
  options: CallOptions,
): Promise<MessageShape<Output>> {
  return decodedCall({ channel, method, request, options, decode: (bytes) => fromBinary(method.output, bytes) });
}

/** A unary call with its own decoder for the answer. */
export interface DecodedCall<Input extends DescMessage, Answer> {
  readonly channel: Client;
  readonly method: DescMethodUnary<Input>;
  readonly request: MessageShape<Input>;
  readonly options: CallOptions;
  readonly decode: (bytes: Uint8Array) => Answer;
}

/** Makes one unary call. Throws an `ActivityEventsError`, also if the answer cannot be decoded. */
export function decodedCall<Input extends DescMessage, Answer>({
  channel,
  method,
  request,
  options: { timeoutMs = limits.callTimeoutMs, signal },
  decode,
}: DecodedCall<Input, Answer>): Promise<Answer> {
  const { path, requestSerialize } = methodDefinition(method);
  return new Promise((resolve, reject) => {
    refuseUnkept(method.input, request);
    if (signal?.aborted)
      return reject(new ActivityEventsError({ code: "CANCELLED", message: "The call was given up." }));
    const deadline = Date.now() + timeoutMs;
    const call = channel.makeUnaryRequest<Message, Answer>(
      path,
      requestSerialize,
      decode,
      request,
      new Metadata(),
      { deadline },
      (error, response) => {
        signal?.removeEventListener("abort", giveUp);
        if (error) return reject(decodeError(error));
        resolve(response as Answer);
      },
    );
    const giveUp = () => call.cancel();
    signal?.addEventListener("abort", giveUp);
  });
}
