import type { ActivityEventsError, StatusName } from "@activity-events/client";
import type { InterruptedCode } from "./interruption.ts";
import { UsageError } from "./usage-error.ts";

/** What a script learns of a call; `exitCodesHelp` says it in words. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | InterruptedCode;

/** The part of the help that documents the exit codes. */
export const exitCodesHelp = `Exit codes:
  0    done; an event that was stored already counts as done
  1    any other failure, such as output that cannot be written
  2    wrong usage, or input that the contract refuses
  3    no such deployment or event
  4    the event id has other content, or the sequence is not the expected one
  5    the service is unavailable, not to be found, or did not answer in time
  6    tail: the service knows fewer events than were shown
  7    verify: a history is not the one that the checkpoint was taken of
  8    verify: what the service holds contradicts itself
  130  ended with Ctrl-C
  143  add, verify: ended with SIGTERM`;

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

/** The exit code of a call that failed. */
export function exitCodeOf(error: ActivityEventsError | UsageError): ExitCode {
  if (error instanceof UsageError) return 2;
  // The status alone is OUT_OF_RANGE, which could be many things.
  if (error.reason === "CURSOR_AHEAD") return 6;
  return exitCodes[error.code];
}
