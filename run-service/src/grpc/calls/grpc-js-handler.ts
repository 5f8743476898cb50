import { methodPath } from "@activity-events/proto/service-definition";
import { type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import type { ServerDuplexStream, ServerUnaryCall, ServerWritableStream, sendUnaryData } from "@grpc/grpc-js";
import type { Logger } from "pino";
import type { StreamCount } from "../../application/stream-count.ts";
import { limits } from "../../limits.ts";
import { decodeRequest } from "../codec/decode-request.ts";
import { AnswerWriter } from "./answer-writer.ts";
import type { Call, Method } from "./method.ts";
import { RequestMessages } from "./request-messages.ts";
import { RunningCall } from "./running-call.ts";

/** Shared parts of a server's calls. */
export interface ServedCalls {
  readonly log: Logger;
  readonly streams: StreamCount;
}

/** A bidirectional method, possibly outside the contract. */
interface BidiMethod<Answer> {
  readonly path: string;
  readonly encode: (answer: Answer) => Buffer;
  handle(requests: RequestMessages, call: Call): AsyncIterable<Answer>;
}

type RawUnaryCall = ServerUnaryCall<Buffer, Buffer>;
type RawStreamCall = ServerWritableStream<Buffer, Buffer>;
type RawBidiCall = ServerDuplexStream<Buffer, Buffer>;

/** Makes grpc-js' handler of a unary method: handles, answers, and logs one line. */
function unaryHandler(method: Extract<Method, { kind: "unary" }>, { log }: ServedCalls) {
  const callLog = callLogOf(methodPath(method.desc), log);
  const encode = encoder(method.desc.output);
  return async (raw: RawUnaryCall, callback: sendUnaryData<Buffer>): Promise<void> => {
    const call = new RunningCall(raw, callLog);
    try {
      const answer = encode(await method.handle(raw.request, call));
      call.bytes.answer(answer.length);
      call.bytes.rest();
      call.settle();
      callback(null, answer);
    } catch (error) {
      callback(call.fail(error));
      return;
    }
    call.succeed();
  };
}

/** The same for a server-streaming method. */
function streamHandler({ desc, handle }: Extract<Method, { kind: "stream" }>, served: ServedCalls) {
  return answeringHandler(
    {
      path: methodPath(desc),
      encode: encoder(desc.output),
      unreadBytesMax: limits.unreadFrameBytesMax,
      answers: (raw: RawStreamCall, call) => handle(decodeRequest(desc, raw.request), call),
    },
    served,
  );
}

/** The same for a method with messages both ways: reads the next one only when the handler asks for it. */
export function bidiHandler<Answer>({ path, encode, handle }: BidiMethod<Answer>, served: ServedCalls) {
  const answers = (raw: RawBidiCall, call: Call) => handle(new RequestMessages(raw, call.signal), call);
  return answeringHandler({ path, encode, unreadBytesMax: 0, answers }, served);
}

interface AnsweringMethod<Raw, Answer> extends Pick<BidiMethod<Answer>, "path" | "encode"> {
  /** Bytes that the wire need not have taken before the next answer is made. */
  readonly unreadBytesMax: number;
  readonly answers: (raw: Raw, call: Call) => AsyncIterable<Answer>;
}

/** Makes the handler of a method that answers with a stream: makes the next answer only when the wire has room for it. */
function answeringHandler<Raw extends RawStreamCall | RawBidiCall, Answer>(
  { path, encode, unreadBytesMax, answers }: AnsweringMethod<Raw, Answer>,
  { log, streams }: ServedCalls,
) {
  const callLog = callLogOf(path, log);
  return async (raw: Raw): Promise<void> => {
    const call = new RunningCall(raw, callLog);
    try {
      using _held = streams.hold();
      const { bytes, signal } = call;
      const writer = new AnswerWriter(raw, { bytes, signal, unreadBytesMax });
      for await (const answer of answers(raw, call)) {
        if (signal.aborted) break;
        await writer.write(encode(answer));
      }
      raw.end();
    } catch (error) {
      raw.emit("error", call.fail(error));
      return;
    }
    call.succeed();
  };
}

/** Makes the function that grpc-js calls for a method. */
export function grpcJsHandler(method: Method, served: ServedCalls) {
  switch (method.kind) {
    case "unary":
      return unaryHandler(method, served);
    case "stream":
      return streamHandler(method, served);
    case "bidi": {
      const { desc, handle } = method;
      return bidiHandler({ path: methodPath(desc), encode: encoder(desc.output), handle }, served);
    }
  }
}

/** Makes the encoder of a handler's answers. */
function encoder(output: DescMessage): (message: Uint8Array | Message) => Buffer {
  return (message) => {
    const bytes = message instanceof Uint8Array ? message : toBinary(output, message);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

/** Makes a log whose lines name the method. */
function callLogOf(path: string, log: Logger): Logger {
  return log.child({ method: path.slice(1) });
}
