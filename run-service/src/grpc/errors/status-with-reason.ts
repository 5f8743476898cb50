import { limits } from "@activity-events/event-store";
import { type ServerInterceptingCall, status } from "@grpc/grpc-js";
import { Refusal, type RefusalReason } from "../../application/refusal.ts";
import { statusOf } from "./status.ts";

/** A status as grpc-js passes it on. */
type GivenStatus = Parameters<ServerInterceptingCall["sendStatus"]>[0];

/** Prefixes of grpc-js' messages about a bad request under a code for server faults. */
const callersFault = /^Invalid grpc-timeout/;

/** Adds the contract's reason to a refusal by grpc-js itself; other statuses have theirs. */
export function statusWithReason(given: GivenStatus, method: string): GivenStatus {
  const code = given.code ?? status.UNKNOWN;
  if ((given.metadata?.get("grpc-status-details-bin").length ?? 0) > 0) return given;
  const details = `${given.details ?? ""}`;
  const reason = reasonOf(code, details);
  const answer = statusOf(new Refusal(reason, details, { metadata: metadataOf(reason, method) }));
  return { ...answer, code };
}

/** Returns the reason of a status that grpc-js gives without calling a handler. */
function reasonOf(code: status, details: string): RefusalReason {
  switch (code) {
    case status.RESOURCE_EXHAUSTED:
      return "REQUEST_TOO_LARGE";
    case status.DEADLINE_EXCEEDED:
      return "DEADLINE_PASSED";
    // Two messages or none instead of one, or an unknown compression.
    case status.UNIMPLEMENTED:
      return "REQUEST_UNREADABLE";
    case status.INTERNAL:
      return callersFault.test(details) ? "REQUEST_UNREADABLE" : "INTERNAL_FAULT";
    default:
      return "INTERNAL_FAULT";
  }
}

function metadataOf(reason: RefusalReason, method: string): Record<string, string> {
  if (reason === "REQUEST_TOO_LARGE") return { request_bytes_max: `${limits.requestBytesMax}` };
  return reason === "REQUEST_UNREADABLE" ? { method } : {};
}
