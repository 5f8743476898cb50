import { constants } from "node:os";
import { Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { PassedSignal } from "../program/interruption.ts";
import type { CommandEnd } from "./command-process.ts";
import type { RunEvent } from "./recorder.ts";

/** End of a command, and the signals that this process got meanwhile. */
export interface EndOfRun {
  readonly end: CommandEnd;
  readonly got: ReadonlySet<PassedSignal>;
  readonly durationMs: number;
}

/** Returns the exit code as a shell tells it: the command's, or 128 and the number of the signal that ended it. */
export function exitCodeOfEnd(end: CommandEnd): number {
  return end.kind === "killed" ? 128 + constants.signals[end.signal] : end.exitCode;
}

/** Makes the event of the end. */
export function finishedEvent({ end, got, durationMs }: EndOfRun): RunEvent {
  const exitCode = exitCodeOfEnd(end);
  const signal = signalOf(end, got);
  const isCanceled = signal !== undefined && (got as ReadonlySet<string>).has(signal);
  const outcome = exitCode === 0 ? Outcome.SUCCESS : isCanceled ? Outcome.CANCELED : Outcome.FAILURE;
  return {
    type: "deployment.finished",
    outcome,
    severity: outcome === Outcome.FAILURE ? Severity.ERROR : Severity.INFO,
    message: messageOf(end),
    data: { exit_code: exitCode, ...(signal === undefined ? {} : { signal }), duration_ms: Math.round(durationMs) },
  };
}

function messageOf(end: CommandEnd): string {
  if (end.kind === "killed") return `The command was ended by ${end.signal}.`;
  if (end.kind === "not started") return `The command was not started: ${end.problem}.`;
  return `The command ended with exit code ${end.exitCode}.`;
}

/** The signal that ended the command. One that handled it itself says so by its exit code, as a shell does. */
function signalOf(end: CommandEnd, got: EndOfRun["got"]): string | undefined {
  if (end.kind === "killed") return end.signal;
  if (end.kind === "not started") return undefined;
  return [...got].find((signal) => end.exitCode === 128 + constants.signals[signal]);
}
