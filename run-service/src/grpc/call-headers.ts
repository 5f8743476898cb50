import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { cutText } from "./cut-text.ts";
import { methods } from "./methods.ts";

/** Node tells of each stream here, with the headers that it then gives to grpc-js. */
const channel = "http2.server.stream.start";

/** The method that calls of unknown methods are led to, and the header that tells it which they are. */
export const unknownMethodPath = "/unknown";
export const unknownMethodHeader = "unknown-method";

/** Characters of an unknown method's path that its refusal names. */
const shownPathMax = 256;

/** The longest timeout that grpc-js can count, in milliseconds: with a longer one it would take the deadline for passed. */
const timeoutMsMax = 2 ** 31 - 1;
const msOfUnit: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000 };

/**
 * Sets the headers of calls right before grpc-js reads them, which answers some with less than the contract promises and lets
 * nobody do it instead: unknown methods, grpc-web, and timeouts of a month.
 */
export class CallHeaders implements Disposable {
  readonly #port: number;
  readonly #onStream = (message: unknown): void => {
    const { stream, headers } = message as { stream: ServerHttp2Stream; headers: IncomingHttpHeaders };
    const changes = changesTo(headers);
    // Node tells of the streams of all servers in the process; few need a look at which it is.
    if (changes !== undefined && stream.session?.socket.localPort === this.#port) Object.assign(headers, changes);
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

/** What is to be set of these headers; undefined: nothing, as with nearly all. */
function changesTo(headers: IncomingHttpHeaders): IncomingHttpHeaders | undefined {
  const { ":path": path, "content-type": type, "grpc-timeout": timeout } = headers;
  if (typeof path === "string" && !Object.hasOwn(methods, path)) {
    const shown = cutText(encodeURI(path.toWellFormed()), shownPathMax);
    return { ":path": unknownMethodPath, [unknownMethodHeader]: shown, ...changesToType(type) };
  }
  if (typeof timeout === "string" && isTooLong(timeout)) {
    return { "grpc-timeout": `${timeoutMsMax}m`, ...changesToType(type) };
  }
  return changesToType(type);
}

// grpc-js would take it for gRPC; what is not, it answers with HTTP's 415.
function changesToType(type: string | undefined): IncomingHttpHeaders | undefined {
  return type?.startsWith("application/grpc-web") ? { "content-type": "application/x-grpc-web" } : undefined;
}

function isTooLong(timeout: string): boolean {
  const unit = msOfUnit[timeout.slice(-1)];
  return unit !== undefined && Number(timeout.slice(0, -1)) * unit > timeoutMsMax;
}
