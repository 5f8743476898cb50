import { type Metadata, type ServerUnaryCall, type StatusObject, status } from "@grpc/grpc-js";
import type { Logger } from "pino";
import type { CallBytes } from "../../application/call-bytes.ts";
import { refusalOf } from "../../application/refusal-of.ts";
import type { CallAccess } from "../access/call-access.ts";
import { isServerFault, statusOf } from "../errors/status.ts";
import { callBoundsOf } from "../server/call-bounds.ts";
import type { Call } from "./method.ts";

/** Common part of grpc-js' calls of every kind. */
type RawCall = Pick<ServerUnaryCall<Buffer, Buffer>, "metadata" | "getDeadline"> & {
  readonly request?: Buffer;
  on(event: "cancelled", listener: () => void): unknown;
};

/** A call from arrival to end; logs one line. */
export class RunningCall implements Call {
  readonly deadlineMs: number;
  readonly requestBytes: number;
  readonly bytes: CallBytes;
  readonly access: CallAccess;
  readonly #log: Logger;
  readonly #raw: RawCall;
  readonly #begunMs = performance.now();
  readonly #abort = new AbortController();
  #deployment: string | undefined;
  #isSettled = false;
  #counts: Readonly<Record<string, number>> | undefined;

  /** `log` names the method in each line. */
  constructor(raw: RawCall, log: Logger) {
    this.#log = log;
    this.requestBytes = raw.request?.length ?? 0;
    const deadline = raw.getDeadline();
    this.deadlineMs = deadline instanceof Date ? deadline.getTime() : deadline;
    const { bytes, access } = callBoundsOf(raw.metadata);
    this.bytes = bytes;
    this.access = access;
    this.#raw = raw;
    raw.on("cancelled", () => this.#over());
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get revoked(): AbortSignal {
    return this.access.revoked;
  }

  about(deploymentId: string): void {
    this.#deployment = deploymentId;
  }

  count(counts: Readonly<Record<string, number>>): void {
    this.#counts = counts;
  }

  /** Marks the call as answered, so that nothing is aborted: grpc-js cancels answered calls too, which costs time. */
  settle(): void {
    this.#isSettled = true;
  }

  /** Called by grpc-js for each call, once it has nothing more to send or the caller has left. */
  #over(): void {
    if (!this.#isSettled) this.#abort.abort();
  }

  /** Logs a success. */
  succeed(): void {
    this.#log.info(this.#fields(this.signal.aborted ? this.#givenUpCode() : status.OK), "call");
  }

  /** Logs a failure and returns the status of the error. */
  fail(error: unknown): StatusObject {
    const refusal = this.access.shown(refusalOf(error));
    const answer = statusOf(refusal);
    if (this.signal.aborted) {
      // The caller has left, which caused the error.
      this.#log.info(this.#fields(this.#givenUpCode()), "call");
      return answer;
    }
    const fields = { ...this.#fields(answer.code), reason: refusal.reason };
    // The message of a refusal may quote the request, which must not be logged.
    if (isServerFault(answer.code)) this.#log.error({ ...fields, detail: answer.details, err: refusal.cause }, "call");
    else this.#log.info(fields, "call");
    return answer;
  }

  #givenUpCode(): status {
    return Date.now() >= this.deadlineMs ? status.DEADLINE_EXCEEDED : status.CANCELLED;
  }

  // Undefined fields are omitted from the line.
  #fields(code: status) {
    return {
      deployment: this.#deployment,
      principal: this.access.caller.principal || undefined,
      code: status[code],
      duration_ms: Math.round((performance.now() - this.#begunMs) * 1_000) / 1_000,
      ...this.#counts,
      trace_id: traceId(this.#raw.metadata),
    };
  }
}

// W3C's header, which Cloud Run sets and forwards: version, trace id, span id, flags.
function traceId(metadata: Metadata): string | undefined {
  const [header] = metadata.get("traceparent");
  return typeof header === "string" ? /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(header)?.[1] : undefined;
}
