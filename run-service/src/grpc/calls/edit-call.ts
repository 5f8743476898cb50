import type { EditCall } from "../../application/deployment-editor.ts";
import type { Call } from "./method.ts";

/** Returns the bounds of an edit that a call asks for. */
export function editCallOf({ deadlineMs: callerDeadlineMs, signal }: Call): EditCall {
  return { callerDeadlineMs, signal };
}
