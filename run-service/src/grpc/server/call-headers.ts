import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { cutText } from "../errors/cut-text.ts";
import { methodPaths } from "./methods.ts";

/** Node tells of each stream here, with the headers that it then gives to grpc-js. */
const channel = "http2.server.stream.start";

/** The method that calls of unknown methods are led to, and the header that tells it which they are. */
export const unknownMethodPath = "/unknown";
export const unknownMethodHeader = "unknown-method";

/** Characters of an unknown method's path that its refusal names, and of a header that is kept. */
const shownPathMax = 256;
const keptValueMax = 256;

/** Headers that grpc-js or the service reads. Of a call that brings more than a few others these alone are kept. */
const neededHeaders: ReadonlySet<string> = new Set([
  ...[":method", ":scheme", ":path", ":authority", "te", "content-type", "traceparent", unknownMethodHeader],
  ...["grpc-timeout", "grpc-encoding", "grpc-accept-encoding"],
]);

/** Most headers of a call that are kept without a look: as many as gRPC's clients and proxies send. */
const usualHeadersMax = 16;

/** The longest timeout that grpc-js can count, in milliseconds: with a longer one it would take the deadline for passed. */
const timeoutMsMax = 2 ** 31 - 1;
const longestTimeout = "596H";
const msOfUnit: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000 };

/**
 * Sets the headers of calls right before grpc-js reads them, which answers some with less than the contract promises and lets
 * nobody do it instead: unknown methods, grpc-web, and timeouts of a month. Takes away what is large and nobody reads.
 */
export class CallHeaders implements Disposable {
  readonly #port: number;
  readonly #onStream = (message: unknown): void => {
    const { stream, headers } = message as { stream: ServerHttp2Stream; headers: IncomingHttpHeaders };
    const changes = changesTo(headers);
    const unneeded = unneededOf(headers);
    if (changes === undefined && unneeded === undefined) return;
    // Node tells of the streams of all servers in the process; few need a look at which it is.
    if (stream.session?.socket.localPort !== this.#port) return;
    Object.assign(headers, changes);
    for (const name of unneeded ?? []) delete headers[name];
  };

  /** For the server that listens on this port. */
  constructor(port: number) {
    this.#port = port;
    subscribe(channel, this.#onStream);
  }

  [Symbol.dispose](): void {
    unsubscribe(channel, this.#onStream);
  }
}

/** Headers to set in place of these; undefined: none, as with nearly all calls. */
function changesTo(headers: IncomingHttpHeaders): IncomingHttpHeaders | undefined {
  const { ":method": verb, ":path": path, "content-type": type, "grpc-timeout": timeout } = headers;
  if (verb !== "POST") return notGrpc;
  if (typeof path === "string" && !methodPaths.has(path)) {
    const shown = cutText(encodeURI(path.toWellFormed()), shownPathMax);
    return { ":path": unknownMethodPath, [unknownMethodHeader]: shown, ...changesToType(type) };
  }
  if (typeof timeout === "string") {
    // grpc-js finds a timeout in -1S, and says of what it cannot read what it was.
    if (!/^\d{1,8}[HMSmun]$/.test(timeout))
      return { "grpc-timeout": timeout.replaceAll(/\d/g, "?"), ...changesToType(type) };
    if (isTooLong(timeout)) return { "grpc-timeout": longestTimeout, ...changesToType(type) };
  }
  return changesToType(type);
}

/** Content type that grpc-js answers with HTTP's 415; it would take gRPC-Web for gRPC, and any method of HTTP for POST. */
const notGrpc: IncomingHttpHeaders = { "content-type": "application/x-no-grpc" };

function changesToType(type: string | undefined): IncomingHttpHeaders | undefined {
  return type?.startsWith("application/grpc-web") ? notGrpc : undefined;
}

/**
 * The headers that are large, or of many, and that nobody reads: an open call would keep them, up to 64 KiB, and they are here
 * before any bound knows of the call. Undefined: none, as with nearly all.
 */
function unneededOf(headers: IncomingHttpHeaders): readonly string[] | undefined {
  const names = Object.keys(headers);
  const isUsual = names.length <= usualHeadersMax;
  let unneeded: string[] | undefined;
  for (const name of names) {
    const isLarge = `${headers[name]}`.length > keptValueMax && name !== ":path";
    if (!isLarge && (isUsual || neededHeaders.has(name))) continue;
    unneeded ??= [];
    unneeded.push(name);
  }
  return unneeded;
}

function isTooLong(timeout: string): boolean {
  const unit = msOfUnit[timeout.slice(-1)];
  return unit !== undefined && Number(timeout.slice(0, -1)) * unit > timeoutMsMax;
}
