import type { ActivityEventsError, StatusName } from "../activity-events-error.ts";

/** A failed call in the words of gRPC for Go: `rpc error: code = NotFound desc = …`. */
export function goError({ code, message }: ActivityEventsError): string {
  return `rpc error: code = ${goName(code)} desc = ${message}`;
}

function goName(code: StatusName): string {
  // Go spells this one with one l.
  if (code === "CANCELLED") return "Canceled";
  return code.toLowerCase().replaceAll(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
