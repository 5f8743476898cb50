/** Checks of every program, by the name that it reports. */
export const checks: Readonly<Record<string, string>> = {
  health: "Check, Watch and List of health",
  reflection: "reflection lists the services and describes one",
  "create-event": "CreateEvent stores, and knows a retry",
  "batch-create-events": "BatchCreateEvents: in order, all or none",
  "get-event": "GetEvent: the event, or NOT_FOUND",
  "list-events": "ListEvents page by page",
  "stream-events": "StreamEvents: history, then live",
  deployments: "GetDeployment and ListDeployments agree",
  "watch-deployments": "WatchDeployments: there, changed, left",
  "ingest-5000": "5,000 messages poured in, acknowledged by name",
  "ingest-joined": "60 messages of 10 events, acknowledged by name",
  "ingest-refusal": "a bad event is refused, its neighbours stored",
  "ancestor-create-event": "the ancestor's CreateEvent",
  "ancestor-list-events": "the ancestor's ListEvents, of one and of all",
  conflict: "ALREADY_EXISTS with one ErrorInfo",
  "bad-field": "INVALID_ARGUMENT with a BadRequest",
  "cursor-ahead": "a stream refused with OUT_OF_RANGE",
  "unknown-method": "UNIMPLEMENTED",
  gzip: "a request in gzip",
  cancellation: "CANCELLED, and the connection lives on",
  deadline: "DEADLINE_EXCEEDED",
  keepalive: "a quiet stream outlives keepalive pings",
};

/** A program's result of each check: "ok", or what it found instead. */
export type Outcomes = ReadonlyMap<string, string>;

/** Reads a program's lines: a check's name, a tab, and what it said. */
export function readOutcomes(output: string): Outcomes {
  return new Map(
    output
      .split("\n")
      .filter((line) => line.includes("\t"))
      .map((line) => [line.slice(0, line.indexOf("\t")), line.slice(line.indexOf("\t") + 1)]),
  );
}
