import type { ActivityEventsError, StatusName } from "@activity-events/client";
import { goQuote } from "./go-quote.ts";

/** A failed call in the words of gRPC for Go: `rpc error: code = NotFound desc = …`. */
export function goError({ code, message }: Pick<ActivityEventsError, "code" | "message">): string {
  return `rpc error: code = ${goName(code)} desc = ${message === "Connection dropped" ? "transport is closing" : message}`;
}

/** The same for a connection that did not come about, with what Go says of it. */
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
