import { Refusal } from "../../application/refusal.ts";
import { statusOf } from "../errors/status.ts";
import { unknownMethodHeader } from "./call-headers.ts";
import type { Handler } from "./server.ts";

/** Answers calls of unknown methods. */
export const refuseUnknownMethod: Handler = (call) =>
  refuse(call, `${call.metadata.get(unknownMethodHeader)[0] ?? ""}`);

/** Answers calls of a method that is turned off, as if there were none. */
export function refuseMethod(path: string): Handler {
  return (call) => refuse(call, path);
}

function refuse(call: Parameters<Handler>[0], method: string): void {
  const refusal = new Refusal("METHOD_UNKNOWN", `this server has no method ${method}`, { metadata: { method } });
  call.emit("error", statusOf(refusal));
}
