import { Refusal } from "../../application/refusal.ts";
import { statusOf } from "../errors/status.ts";
import { unknownMethodHeader } from "./call-headers.ts";
import type { Handler } from "./server.ts";

/** Answers calls of unknown methods. */
export const refuseUnknownMethod: Handler = (call) => {
  const method = `${call.metadata.get(unknownMethodHeader)[0] ?? ""}`;
  const refusal = new Refusal("METHOD_UNKNOWN", `this server has no method ${method}`, { metadata: { method } });
  call.emit("error", statusOf(refusal));
};
