import { methodDefinition } from "@activity-events/proto/service-definition";
import type { DescMessage, DescMethodUnary, Message, MessageShape } from "@bufbuild/protobuf";
import { type Client, Metadata } from "@grpc/grpc-js";
import { ActivityEventsError } from "./activity-events-error.ts";
import { decodeError } from "./decode-error.ts";
import { limits } from "./limits.ts";
import { refuseUnkept } from "./unkept-values.ts";

/** What a caller may say of one call. */
export interface CallOptions {
  /** The time for the whole call, retries included, in milliseconds; default 10,000. */
  readonly timeoutMs?: number;
  /** Gives the call up: it fails with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
}

/** Makes one unary call; fails with `ActivityEventsError`. */
export function unaryCall<Input extends DescMessage, Output extends DescMessage>(
  channel: Client,
  method: DescMethodUnary<Input, Output>,
  request: MessageShape<Input>,
  { timeoutMs = limits.callTimeoutMs, signal }: CallOptions,
): Promise<MessageShape<Output>> {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  return new Promise((resolve, reject) => {
    refuseUnkept(method.input, request);
    if (signal?.aborted)
      return reject(new ActivityEventsError({ code: "CANCELLED", message: "The call was given up." }));
    const deadline = Date.now() + timeoutMs;
    const call = channel.makeUnaryRequest<Message, Message>(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      new Metadata(),
      { deadline },
      (error, response) => {
        signal?.removeEventListener("abort", giveUp);
        if (error) return reject(decodeError(error));
        resolve(response as MessageShape<Output>);
      },
    );
    const giveUp = () => call.cancel();
    signal?.addEventListener("abort", giveUp);
  });
}
