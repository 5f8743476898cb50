import type { DescMethod, MessageShape } from "@bufbuild/protobuf";
import type { CallBytes } from "../../application/call-bytes.ts";
import type { CallAccess } from "../access/call-access.ts";
import { decodeRequest } from "../codec/decode-request.ts";
import type { RequestMessages } from "./request-messages.ts";

/** A call, apart from its request. */
export interface Call {
  /** In ms since 1970; infinite if the caller set none. */
  readonly deadlineMs: number;
  /** Aborted when the caller has given up. */
  readonly signal: AbortSignal;
  /** Encoded size of the request; 0 for a stream of requests. */
  readonly requestBytes: number;
  /** Bytes of the server that the call holds. */
  readonly bytes: CallBytes;
  /** Who calls, and what they may do. */
  readonly access: CallAccess;
  /** Aborted when the caller's credentials have ended, or permit something else. */
  readonly revoked: AbortSignal;
  /** Names the deployment in the call's log line. */
  about(deploymentId: string): void;
  /** Adds counts to the call's log line. */
  count(counts: Readonly<Record<string, number>>): void;
}

/** Answers one request; throws a Refusal. Sends an encoded answer unchanged. */
export type UnaryHandler<M extends DescMethod> = (
  request: MessageShape<M["input"]>,
  call: Call,
) => Promise<Uint8Array | MessageShape<M["output"]>>;

/** Answers one request with many messages; throws a Refusal. */
export type StreamHandler<M extends DescMethod> = (
  request: MessageShape<M["input"]>,
  call: Call,
) => AsyncIterable<Uint8Array | MessageShape<M["output"]>>;

/** Answers many encoded requests with many messages; throws a Refusal. */
export type BidiHandler<M extends DescMethod> = (
  requests: RequestMessages,
  call: Call,
) => AsyncIterable<Uint8Array | MessageShape<M["output"]>>;

/** Answers one encoded request; throws a Refusal. */
export type EncodedUnaryHandler<M extends DescMethod> = (
  request: Buffer,
  call: Call,
) => Promise<Uint8Array | MessageShape<M["output"]>>;

/** A method with its handler, for grpcJsHandler. */
export type Method =
  | { readonly kind: "unary"; readonly desc: DescMethod; readonly handle: EncodedUnaryHandler<DescMethod> }
  | { readonly kind: "stream"; readonly desc: DescMethod; readonly handle: StreamHandler<DescMethod> }
  | { readonly kind: "bidi"; readonly desc: DescMethod; readonly handle: BidiHandler<DescMethod> };

export function unary<M extends DescMethod>(desc: M, handle: UnaryHandler<M>): Method {
  return encodedUnary(desc, async (request, call) => handle(decodeRequest(desc, request), call));
}

/** Makes a method whose handler may skip decoding. */
export function encodedUnary<M extends DescMethod>(desc: M, handle: EncodedUnaryHandler<M>): Method {
  return { kind: "unary", desc, handle: handle as EncodedUnaryHandler<DescMethod> };
}

export function serverStreaming<M extends DescMethod>(desc: M, handle: StreamHandler<M>): Method {
  return { kind: "stream", desc, handle: handle as StreamHandler<DescMethod> };
}

export function bidiStreaming<M extends DescMethod>(desc: M, handle: BidiHandler<M>): Method {
  return { kind: "bidi", desc, handle: handle as BidiHandler<DescMethod> };
}
