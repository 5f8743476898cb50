import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { credentialHeaders } from "../access/session-credentials.ts";
import { cutText } from "../errors/cut-text.ts";
import { methodPaths } from "./methods.ts";

/** Node reports each stream here, with the same headers that grpc-js then gets. */
const channel = "http2.server.stream.start";

/** Method that receives calls of unknown methods, and the header with the original path. */
export const unknownMethodPath = "/unknown";
export const unknownMethodHeader = "unknown-method";

/** Characters kept of an unknown method's path and of other headers. */
const shownPathMax = 256;
const keptValueMax = 256;

/** Headers that grpc-js or the service reads. Of a call with many others only these are kept. */
const neededHeaders: ReadonlySet<string> = new Set([
  ...[":method", ":scheme", ":path", ":authority", "te", "content-type", "traceparent", unknownMethodHeader],
  ...["grpc-timeout", "grpc-encoding", "grpc-accept-encoding"],
  ...credentialHeaders,
]);

/** Headers that may be large. Those with credentials leave the call before it begins. */
const mayBeLarge: ReadonlySet<string> = new Set([":path", ...credentialHeaders]);

/** Most headers of a call that are kept unchecked: as many as gRPC's clients and proxies send. */
const usualHeadersMax = 16;

/** Longest timeout that grpc-js supports, in ms; it would treat a longer one as expired. */
const timeoutMsMax = 2 ** 31 - 1;
const longestTimeout = "596H";
const msOfUnit: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000 };

/**
 * Rewrites the headers of calls before grpc-js reads them, where its own answer would break the contract and it offers
 * no hook: unknown methods, gRPC-Web, and timeouts of a month. Drops large headers that nothing reads.
 */
export class CallHeaders implements Disposable {
  readonly #port: number;
  readonly #onStream = (message: unknown): void => {
    const { stream, headers } = message as { stream: ServerHttp2Stream; headers: IncomingHttpHeaders };
    const changes = changesTo(headers);
    const unneeded = unneededOf(headers);
    if (changes === undefined && unneeded === undefined) return;
    // Node reports the streams of all servers in the process; only the few with changes need a check of the server.
    if (stream.session?.socket.localPort !== this.#port) return;
    Object.assign(headers, changes);
    for (const name of unneeded ?? []) delete headers[name];
  };

  /** Applies to the server on this port. */
  constructor(port: number) {
    this.#port = port;
    subscribe(channel, this.#onStream);
  }

  [Symbol.dispose](): void {
    unsubscribe(channel, this.#onStream);
  }
}

/** Returns replacement headers; undefined, as for nearly all calls, if there are none. */
function changesTo(headers: IncomingHttpHeaders): IncomingHttpHeaders | undefined {
  const { ":method": verb, ":path": path, "content-type": type, "grpc-timeout": timeout } = headers;
  if (verb !== "POST") return notGrpc;
  if (typeof path === "string" && !methodPaths.has(path)) {
    const shown = cutText(encodeURI(path.toWellFormed()), shownPathMax);
    return { ":path": unknownMethodPath, [unknownMethodHeader]: shown, ...changesToType(type) };
  }
  if (typeof timeout === "string") {
    // grpc-js accepts -1S as a timeout, and does not report the value of an unparsable one.
    if (!/^\d{1,8}[HMSmun]$/.test(timeout))
      return { "grpc-timeout": timeout.replaceAll(/\d/g, "?"), ...changesToType(type) };
    if (isTooLong(timeout)) return { "grpc-timeout": longestTimeout, ...changesToType(type) };
  }
  return changesToType(type);
}

/**
 * Content type that grpc-js answers with HTTP 415. Otherwise it would accept gRPC-Web as gRPC, and any HTTP method as
 * POST.
 */
const notGrpc: IncomingHttpHeaders = { "content-type": "application/x-no-grpc" };

function changesToType(type: string | undefined): IncomingHttpHeaders | undefined {
  return type?.startsWith("application/grpc-web") ? notGrpc : undefined;
}

/**
 * Returns the headers to drop because they are large, or many, and unread. An open call would keep them, up to 64 KiB,
 * before any bound counts it. Undefined, as for nearly all calls, if there are none.
 */
function unneededOf(headers: IncomingHttpHeaders): readonly string[] | undefined {
  const names = Object.keys(headers);
  const isUsual = names.length <= usualHeadersMax;
  let unneeded: string[] | undefined;
  for (const name of names) {
    const isLarge = `${headers[name]}`.length > keptValueMax && !mayBeLarge.has(name);
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
