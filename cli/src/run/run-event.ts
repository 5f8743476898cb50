import { constants } from "node:os";
import { Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { type PassedSignal, passedSignals } from "../program/interruption.ts";
import type { CommandEnd } from "./command-process.ts";
import type { RunEvent } from "./recorder.ts";

/** End of a command. */
export interface EndOfRun {
  readonly end: CommandEnd;
  /** Signal that ended it and that this process got, too; undefined if there is none. */
  readonly canceledBy: PassedSignal | undefined;
  readonly durationMs: number;
}

/** Returns the exit code as a shell tells it: the command's, or 128 and the number of the signal that ended it. */
export function exitCodeOfEnd(end: CommandEnd): number {
  return end.kind === "killed" ? 128 + constants.signals[end.signal] : end.exitCode;
}

/** Returns the signal by which the command ended, if this process passes it on. One that handled it says so by its exit code, as a shell does. */
export function signalOfEnd(end: CommandEnd): PassedSignal | undefined {
  if (end.kind === "not started") return undefined;
  const exitCode = exitCodeOfEnd(end);
  return passedSignals.find((signal) => exitCode === 128 + constants.signals[signal]);
}

/** Makes the event of the end. */
export function finishedEvent({ end, canceledBy, durationMs }: EndOfRun): RunEvent {
  const exitCode = exitCodeOfEnd(end);
  const signal = end.kind === "killed" ? end.signal : canceledBy;
  const outcome = exitCode === 0 ? Outcome.SUCCESS : canceledBy !== undefined ? Outcome.CANCELED : Outcome.FAILURE;
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
