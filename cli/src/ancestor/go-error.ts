import type { ActivityEventsError, StatusName } from "@activity-events/client";
import { goQuote } from "./go-quote.ts";

/** Formats a failed call as gRPC for Go does: `rpc error: code = NotFound desc = …`. */
export function goError({ code, message }: Pick<ActivityEventsError, "code" | "message">): string {
  return `rpc error: code = ${goName(code)} desc = ${message === "Connection dropped" ? "transport is closing" : message}`;
}

/** Formats a failed connection as gRPC for Go does. */
export function goDialError(problem: string): string {
  const transport = `connection error: desc = ${goQuote(`transport: Error while dialing ${problem}`)}`;
  const message = `all SubConns are in TransientFailure, latest connection error: ${transport}`;
  return goError({ code: "UNAVAILABLE", message });
}

function goName(code: StatusName): string {
  // Go spells this one with one l.
  if (code === "CANCELLED") return "Canceled";
  return code.toLowerCase().replaceAll(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
