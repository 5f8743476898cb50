import { type StatusObject, status } from "@grpc/grpc-js";
import type { Logger } from "pino";
import type { Refusal } from "../../application/refusal.ts";
import { statusOf } from "./status.ts";

/** Returns the status of a call that is refused before it reaches its handler, and logs the call. */
export function refuseCall(log: Logger): (path: string, refusal: Refusal) => StatusObject {
  return (path, refusal) => {
    const answer = statusOf(refusal);
    log.info({ method: path.slice(1), code: status[answer.code], reason: refusal.reason }, "call");
    return answer;
  };
}
