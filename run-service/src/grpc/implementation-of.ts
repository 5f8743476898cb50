import { limits } from "@activity-events/event-store";
import { methodPath } from "@activity-events/proto/service-definition";
import { type DescMessage, type DescMethod, type Message, toBinary } from "@bufbuild/protobuf";
import type { ServerDuplexStream, ServerUnaryCall, ServerWritableStream, sendUnaryData } from "@grpc/grpc-js";
import type { Logger } from "pino";
import type { OpenStreams } from "../application/open-streams.ts";
import { AnswerWriter } from "./answer-writer.ts";
import type { Method } from "./calls.ts";
import { decodeRequest } from "./decode-request.ts";
import { OpenCall } from "./open-call.ts";
import { RequestMessages } from "./request-messages.ts";

/** What all calls of a server share. */
export interface ServedCalls {
  readonly log: Logger;
  readonly streams: OpenStreams;
}

type RawUnaryCall = ServerUnaryCall<Buffer, Buffer>;
type RawStreamCall = ServerWritableStream<Buffer, Buffer>;
type RawBidiCall = ServerDuplexStream<Buffer, Buffer>;

/** What grpc-js calls for a unary method: handles, answers, and logs one line. */
function unaryImplementation(method: Extract<Method, { kind: "unary" }>, { log }: ServedCalls) {
  const callLog = callLogOf(method.desc, log);
  const encode = encoder(method.desc.output);
  return async (raw: RawUnaryCall, callback: sendUnaryData<Buffer>): Promise<void> => {
    const call = new OpenCall(raw, callLog);
    try {
      const answer = encode(await method.handle(raw.request, call));
      call.bytes.answer(answer.length);
      call.bytes.rest();
      call.settle();
      callback(null, answer);
      call.end();
    } catch (error) {
      callback(call.end(error));
    }
  };
}

/** The same for a server-streaming method: takes the next message only when the wire has taken the one before. */
function streamImplementation(method: Extract<Method, { kind: "stream" }>, { log, streams }: ServedCalls) {
  const callLog = callLogOf(method.desc, log);
  const encode = encoder(method.desc.output);
  return async (raw: RawStreamCall): Promise<void> => {
    const call = new OpenCall(raw, callLog);
    try {
      using _held = streams.hold();
      const { bytes, signal } = call;
      const writer = new AnswerWriter(raw, { bytes, signal, unreadBytesMax: limits.unreadFrameBytesMax });
      for await (const message of method.handle(decodeRequest(method.desc, raw.request), call)) {
        if (call.signal.aborted) break;
        await writer.write(encode(message));
      }
      raw.end();
      call.end();
    } catch (error) {
      raw.emit("error", call.end(error));
    }
  };
}

/** The same for a method with messages both ways: reads the next one only when the handler asks for it. */
function bidiImplementation(method: Extract<Method, { kind: "bidi" }>, { log, streams }: ServedCalls) {
  const callLog = callLogOf(method.desc, log);
  const encode = encoder(method.desc.output);
  return async (raw: RawBidiCall): Promise<void> => {
    const call = new OpenCall(raw, callLog);
    try {
      using _held = streams.hold();
      const { bytes, signal } = call;
      const writer = new AnswerWriter(raw, { bytes, signal, unreadBytesMax: 0 });
      for await (const message of method.handle(new RequestMessages(raw, call.signal), call)) {
        if (call.signal.aborted) break;
        await writer.write(encode(message));
      }
      raw.end();
      call.end();
    } catch (error) {
      raw.emit("error", call.end(error));
    }
  };
}

/** What grpc-js calls for a method. */
export function implementationOf(method: Method, served: ServedCalls) {
  switch (method.kind) {
    case "unary":
      return unaryImplementation(method, served);
    case "stream":
      return streamImplementation(method, served);
    case "bidi":
      return bidiImplementation(method, served);
  }
}

/** Encodes what a handler answers. */
function encoder(output: DescMessage): (message: Uint8Array | Message) => Buffer {
  return (message) => {
    const bytes = message instanceof Uint8Array ? message : toBinary(output, message);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

/** A log whose lines name the method. */
function callLogOf(desc: DescMethod, log: Logger): Logger {
  return log.child({ method: methodPath(desc).slice(1) });
}
