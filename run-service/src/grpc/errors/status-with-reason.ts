import { limits } from "@activity-events/event-store";
import { type ServerInterceptingCall, status } from "@grpc/grpc-js";
import { Refusal, type RefusalReason } from "../../application/refusal.ts";
import { statusOf } from "./status.ts";

/** A status as grpc-js hands it on. */
type GivenStatus = Parameters<ServerInterceptingCall["sendStatus"]>[0];

/** Beginnings of grpc-js' messages that blame a request under a code that blames the server. */
const callersFault = /^Invalid grpc-timeout/;

/** Gives a refusal that grpc-js answers by itself the reason of the contract; other statuses have theirs. */
export function statusWithReason(given: GivenStatus, method: string): GivenStatus {
  const code = given.code ?? status.UNKNOWN;
  if ((given.metadata?.get("grpc-status-details-bin").length ?? 0) > 0) return given;
  const details = `${given.details ?? ""}`;
  const reason = reasonOf(code, details);
  const answer = statusOf(new Refusal(reason, details, { metadata: metadataOf(reason, method) }));
  return { ...answer, code };
}

/** Meaning of a status that grpc-js gives without asking a handler. */
function reasonOf(code: status, details: string): RefusalReason {
  switch (code) {
    case status.RESOURCE_EXHAUSTED:
      return "REQUEST_TOO_LARGE";
    case status.DEADLINE_EXCEEDED:
      return "DEADLINE_PASSED";
    // Two messages where there may be one, or none, or a compression that it does not know.
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
