import type { ActivityEventsError, StatusName } from "@activity-events/client";
import type { InterruptedCode } from "./interruption.ts";
import { UsageError } from "./usage-error.ts";

/** Exit codes of the program; `exitCodesHelp` describes them. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | InterruptedCode;

/** The exit codes, as the help shows them. */
export const exitCodesHelp = `Exit codes:
  0    success, also for an event that was already stored
  1    any other failure, such as output that cannot be written
  2    invalid usage or input
  3    deployment or event not found
  4    event id used for other content, sequence mismatch, or an import that
       does not fit
  5    service unavailable or not found, or no answer in time
  6    tail: the service has fewer events than were already shown
  7    verify: a history does not match the checkpoint
  8    verify: the service's data contradicts itself
  130  interrupted by Ctrl-C
  143  add, verify and the commands of admins: ended by SIGTERM
run ends with the exit code of its command; 126 and 127 if that cannot be
executed or is not found, 128 + N if signal N ended it.`;

const exitCodes: Readonly<Record<StatusName, ExitCode>> = {
  CANCELLED: 1,
  UNKNOWN: 1,
  INVALID_ARGUMENT: 2,
  DEADLINE_EXCEEDED: 5,
  NOT_FOUND: 3,
  ALREADY_EXISTS: 4,
  PERMISSION_DENIED: 1,
  RESOURCE_EXHAUSTED: 5,
  FAILED_PRECONDITION: 4,
  ABORTED: 4,
  OUT_OF_RANGE: 2,
  UNIMPLEMENTED: 1,
  INTERNAL: 1,
  UNAVAILABLE: 5,
  DATA_LOSS: 1,
  UNAUTHENTICATED: 1,
};

/** Returns the exit code of a failed call. */
export function exitCodeOf(error: ActivityEventsError | UsageError): ExitCode {
  if (error instanceof UsageError) return 2;
  // Its status, OUT_OF_RANGE, has other causes too.
  if (error.reason === "CURSOR_AHEAD") return 6;
  return exitCodes[error.code];
}
