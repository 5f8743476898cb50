import { methodPath } from "@activity-events/proto/service-definition";
import {
  type DescMessage,
  type DescMethod,
  fromBinary,
  type Message,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type Metadata,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import type { Logger } from "pino";
import { Refusal } from "../application/refusal.ts";
import { refusalOf } from "../application/refuse.ts";
import { RequestMessages } from "./request-messages.ts";
import { isServerFault, statusOf } from "./status.ts";
import type { UnreadAnswers } from "./unread-answers.ts";

/** What a handler knows of its call beside the request. */
export interface Call {
  /** Milliseconds since 1970; infinite when the caller set none. */
  readonly deadlineMs: number;
  /** Aborted when the caller has given up. */
  readonly signal: AbortSignal;
  /** Encoded bytes of the request; 0 where there are many. */
  readonly requestBytes: number;
  /** Names the deployment in the call's log line. */
  about(deploymentId: string): void;
  /** Puts counts into the call's log line. */
  count(counts: Readonly<Record<string, number>>): void;
}

/** Answers one request; throws a Refusal. What is encoded already is sent as it is. */
export type UnaryHandler<M extends DescMethod> = (
  request: MessageShape<M["input"]>,
  call: Call,
) => Promise<Uint8Array | MessageShape<M["output"]>>;

/** Answers one request with many messages; throws a Refusal. */
export type StreamHandler<M extends DescMethod> = (
  request: MessageShape<M["input"]>,
  call: Call,
) => AsyncIterable<Uint8Array | MessageShape<M["output"]>>;

/** Answers many requests, which come encoded, with many messages; throws a Refusal. */
export type BidiHandler<M extends DescMethod> = (
  requests: RequestMessages,
  call: Call,
) => AsyncIterable<Uint8Array | MessageShape<M["output"]>>;

/** Answers one request, which comes encoded; throws a Refusal. */
export type EncodedUnaryHandler<M extends DescMethod> = (
  request: Buffer,
  call: Call,
) => Promise<Uint8Array | MessageShape<M["output"]>>;

/** A method with its handler, in the form that addMethods takes. */
export type Method =
  | { readonly kind: "unary"; readonly desc: DescMethod; readonly handle: EncodedUnaryHandler<DescMethod> }
  | { readonly kind: "stream"; readonly desc: DescMethod; readonly handle: StreamHandler<DescMethod> }
  | { readonly kind: "bidi"; readonly desc: DescMethod; readonly handle: BidiHandler<DescMethod> };

export function unary<M extends DescMethod>(desc: M, handle: UnaryHandler<M>): Method {
  return encodedUnary(desc, async (request, call) => handle(decode(desc, request), call));
}

/** For a handler that may do without decoding. */
export function encodedUnary<M extends DescMethod>(desc: M, handle: EncodedUnaryHandler<M>): Method {
  return { kind: "unary", desc, handle: handle as EncodedUnaryHandler<DescMethod> };
}

export function serverStreaming<M extends DescMethod>(desc: M, handle: StreamHandler<M>): Method {
  return { kind: "stream", desc, handle: handle as StreamHandler<DescMethod> };
}

export function bidiStreaming<M extends DescMethod>(desc: M, handle: BidiHandler<M>): Method {
  return { kind: "bidi", desc, handle: handle as BidiHandler<DescMethod> };
}

/** What all calls of a server share. */
export interface ServedCalls {
  readonly log: Logger;
  readonly unread: UnreadAnswers;
}

type RawUnaryCall = ServerUnaryCall<Buffer, Uint8Array | Message>;
type RawStreamCall = ServerWritableStream<Buffer, Uint8Array | Message>;
type RawBidiCall = ServerDuplexStream<Buffer, Uint8Array | Message>;
/** What all of them have. */
type RawCall = Pick<RawUnaryCall, "metadata" | "getDeadline" | "getPeer"> & {
  readonly request?: Buffer;
  on(event: "cancelled", listener: () => void): unknown;
};

/** What grpc-js calls for a unary method: handles, answers, and logs one line. */
function unaryImplementation(method: Extract<Method, { kind: "unary" }>, { log, unread }: ServedCalls) {
  const name = nameOf(method.desc);
  const encode = encoder(method.desc.output);
  return async (raw: RawUnaryCall, callback: sendUnaryData<Uint8Array | Message>): Promise<void> => {
    const call = new OpenCall(name, raw, log);
    try {
      const answer = encode(await method.handle(raw.request, call));
      if (!call.signal.aborted) call.hold(answer.length, unread);
      call.settle();
      callback(null, answer);
      call.end();
    } catch (error) {
      callback(call.end(error));
    }
  };
}

/** The same for a server-streaming method: takes the next message only when the wire has taken the one before. */
function streamImplementation(method: Extract<Method, { kind: "stream" }>, { log }: ServedCalls) {
  const name = nameOf(method.desc);
  return async (raw: RawStreamCall): Promise<void> => {
    const call = new OpenCall(name, raw, log);
    try {
      for await (const message of method.handle(decode(method.desc, raw.request), call)) {
        if (call.signal.aborted) break;
        if (!raw.write(message)) await drained(raw, call.signal);
      }
      raw.end();
      call.end();
    } catch (error) {
      raw.emit("error", call.end(error));
    }
  };
}

/** The same for a method with messages both ways: reads the next one only when the handler asks for it. */
function bidiImplementation(method: Extract<Method, { kind: "bidi" }>, { log }: ServedCalls) {
  const name = nameOf(method.desc);
  return async (raw: RawBidiCall): Promise<void> => {
    const call = new OpenCall(name, raw, log);
    try {
      for await (const message of method.handle(new RequestMessages(raw, call.signal), call)) {
        if (call.signal.aborted) break;
        await written(raw, message, call.signal);
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
export function encoder(output: DescMessage): (message: Uint8Array | Message) => Buffer {
  return (message) => {
    const bytes = message instanceof Uint8Array ? message : toBinary(output, message);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

/** Decodes a request; throws a Refusal. */
export function decode<M extends DescMethod>(desc: M, bytes: Buffer): MessageShape<M["input"]> {
  try {
    return fromBinary(desc.input, bytes) as MessageShape<M["input"]>;
  } catch (cause) {
    const method = methodPath(desc);
    throw new Refusal(
      "REQUEST_UNREADABLE",
      `the request is no encoded ${desc.input.typeName}: ${(cause as Error).message}`,
      {
        metadata: { method },
        cause,
      },
    );
  }
}

function drained(raw: RawStreamCall, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      raw.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    raw.once("drain", done);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}

/** Writes and waits until the wire has taken it, or the call is over. */
function written(raw: RawBidiCall, message: Uint8Array | Message, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener("abort", done);
      resolve();
    };
    signal.addEventListener("abort", done);
    raw.write(message, done);
    if (signal.aborted) done();
  });
}

/** A method's name in the log. */
function nameOf(desc: DescMethod): string {
  return methodPath(desc).slice(1);
}

class OpenCall implements Call {
  readonly deadlineMs: number;
  readonly requestBytes: number;
  readonly #method: string;
  readonly #log: Logger;
  readonly #raw: RawCall;
  readonly #begunMs = performance.now();
  readonly #abort = new AbortController();
  #letGo: (() => void) | undefined;
  #deployment: string | undefined;
  #isSettled = false;
  #counts: Readonly<Record<string, number>> = {};

  constructor(method: string, raw: RawCall, log: Logger) {
    this.#method = method;
    this.#log = log;
    this.requestBytes = raw.request?.length ?? 0;
    const deadline = raw.getDeadline();
    this.deadlineMs = deadline instanceof Date ? deadline.getTime() : deadline;
    this.#raw = raw;
    raw.on("cancelled", () => this.#over());
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  about(deploymentId: string): void {
    this.#deployment = deploymentId;
  }

  count(counts: Readonly<Record<string, number>>): void {
    this.#counts = counts;
  }

  /** The call has its answer, so that nothing is left to be aborted: grpc-js cancels answered calls too, and it costs. */
  settle(): void {
    this.#isSettled = true;
  }

  /** Counts the answer until the wire has taken it. Throws a Refusal. */
  hold(bytes: number, unread: UnreadAnswers): void {
    const peer = this.#raw.getPeer();
    unread.hold(peer, bytes);
    this.#letGo = () => unread.release(peer, bytes);
  }

  /** grpc-js says so of each call, once nothing more of it is to be sent or the caller has gone. */
  #over(): void {
    this.#letGo?.();
    this.#letGo = undefined;
    if (!this.#isSettled) this.#abort.abort();
  }

  /** Logs how the call ended and answers the status for whatever was thrown. */
  end(error?: unknown) {
    if (error === undefined) {
      const code = this.signal.aborted ? status.CANCELLED : status.OK;
      this.#log.info(this.#fields(code), "call");
      return null;
    }
    const refusal = refusalOf(error);
    const answer = statusOf(refusal);
    const fields = { ...this.#fields(answer.code), reason: refusal.reason };
    // The sentence of a refusal may quote the request, which has no place in the log.
    if (isServerFault(answer.code)) this.#log.error({ ...fields, detail: answer.details, err: refusal.cause }, "call");
    else this.#log.info(fields, "call");
    return answer;
  }

  #fields(code: status) {
    return {
      method: this.#method,
      ...(this.#deployment === undefined ? {} : { deployment: this.#deployment }),
      code: status[code],
      duration_ms: Math.round((performance.now() - this.#begunMs) * 1_000) / 1_000,
      ...this.#counts,
      ...traceFields(this.#raw.metadata),
    };
  }
}

// W3C's header, which Cloud Run sets and passes on: version, trace id, span id, flags.
function traceFields(metadata: Metadata): { trace_id?: string } {
  const [header] = metadata.get("traceparent");
  const traceId = typeof header === "string" ? /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(header)?.[1] : undefined;
  return traceId === undefined ? {} : { trace_id: traceId };
}
