import { closeSync } from "node:fs";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { logVerbosity, setLogVerbosity } from "@grpc/grpc-js";
import type { ContextFlags } from "../contexts/choose-service.ts";
import { complaintWriter } from "../output/complaint-writer.ts";
import { descriptorTarget } from "../output/descriptor-target.ts";
import type { Output } from "../output/output.ts";
import { type ProgramEnd, sigint } from "../program/program-end.ts";
import type { ProgramStart } from "../program/program-start.ts";
import { commandEnvironment } from "./command-environment.ts";
import { startCommand } from "./command-process.ts";
import { ignoresHangup } from "./ignores-hangup.ts";
import { openPipes } from "./open-pipes.ts";
import { passSignals } from "./pass-signals.ts";
import { type CommandOutput, recordOutput } from "./record-output.ts";
import { type RunFlags, recordedRun } from "./recorded-run.ts";
import { exitCodeOfEnd, finishedEvent, signalOfEnd } from "./run-event.ts";
import { RunRecording } from "./run-recording.ts";
import { type RunTarget, runTarget } from "./run-target.ts";

/** Longest wait for the disk before the command starts, in ms: what was written then is sent even if this process is killed. */
const spoolPatienceMs = 500;
/** Longest time between the end of the command and that of this process, in ms. */
const endPatienceMs = 2_000;

/** A command line of `run`. */
export interface RunOptions {
  readonly start: ProgramStart;
  readonly global: ContextFlags & { readonly timeout?: number };
  readonly words: readonly [string, ...string[]];
  readonly flags: RunFlags;
}

/**
 * Runs a command and records it as a deployment. Whatever goes wrong with that is told at the end, and the command runs as without; only
 * `--strict` keeps it from running where no service is named.
 */
export async function runCommand({ start, global, words, flags }: RunOptions): Promise<ProgramEnd> {
  const { config, errors, interruption } = start;
  const complain = complaintWriter(errors);
  // grpc-js writes of its own about a proxy that fails.
  setLogVerbosity(logVerbosity.NONE);
  const run = recordedRun(flags, config);
  const target = targetOrFault(() => runTarget(global, config));
  if (typeof target === "string") {
    complain(flags.strict ? target : `warning: this run is not recorded. ${target}`);
    if (flags.strict) return 2;
  } else if (run.encodedFrom !== undefined) {
    complain(`warning: the deployment ${run.encodedFrom} is recorded as ${run.deploymentId}.`);
  }
  // From the first event on, every way to the end goes through the last one.
  const signals = passSignals(interruption);
  let fault: unknown;
  interruption.outlive((error) => {
    fault ??= error;
  });
  const recording =
    typeof target === "string" ? undefined : new RunRecording({ run, target, config, timeoutMs: global.timeout });
  recording?.recorder.record({ type: "deployment.started", ...run.fields });
  await Promise.race([recording?.recorder.spooled(), sleep(spoolPatienceMs)]);

  const begunMs = performance.now();
  const isPiped = flags.recordOutput === true && recording !== undefined;
  const pipes = isPiped ? openPipes(2) : undefined;
  const { child, ended } = startCommand({
    command: words,
    environment: commandEnvironment(config.environment, { ...run, service: recording && connectionOf(target) }),
    stdio: isPiped ? ["inherit", pipes?.[0]?.descriptor ?? "pipe", pipes?.[1]?.descriptor ?? "pipe"] : "inherit",
    ignoresHangup: ignoresHangup(config.environment),
  });
  signals.passTo((signal) => child?.kill(signal));
  for (const { descriptor } of pipes ?? []) closeSync(descriptor);
  const [standardOutput, standardError] = pipes?.map(({ readable }) => readable) ?? [child?.stdout, child?.stderr];
  const output = isPiped
    ? recordOutput(outputsOf([standardOutput, standardError], start.output), recording.recorder)
    : undefined;
  const end = await ended;
  const endedMs = performance.now();
  if (end.kind === "not started") complain(end.problem);
  const signal = recording && signalOfEnd(end);
  const [isCanceled] = await Promise.all([signal !== undefined && signals.gotToo(signal), output?.finish()]);
  const exitCode = exitCodeOfEnd(end);
  const canceledBy = isCanceled ? signal : undefined;
  const event = finishedEvent({ end, canceledBy, durationMs: endedMs - begunMs });
  recording?.recorder.record({ ...run.fields, ...event });
  // From here on, a signal ends the waiting.
  const untilMs = Math.max(endedMs + endPatienceMs, performance.now() + endPatienceMs / 2);
  const isWhole = await recording?.end(untilMs, signals.givenUp());
  signals.end();
  for (const complaint of recording?.complaints ?? []) complain(complaint);
  if (fault !== undefined) complain(`warning: a fault of this program: ${String(fault)}`);
  if (exitCode === 0 && flags.strict && !isWhole) return 5;
  return end.kind === "killed" && end.signal === "SIGINT" ? sigint : exitCode;
}

/** Returns the service, or why none is known. */
function targetOrFault(find: () => RunTarget): RunTarget | string {
  try {
    return find();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function connectionOf(target: RunTarget | string): RunTarget["connection"] | undefined {
  return typeof target === "string" ? undefined : target.connection;
}

function outputsOf(
  [standardOutput, standardError]: readonly (Readable | null | undefined)[],
  output: Output,
): readonly CommandOutput[] {
  const outputs: CommandOutput[] = [];
  const toOutput = descriptorTarget(1, (error) => output.fail(error));
  if (standardOutput) outputs.push({ from: standardOutput, to: toOutput, severity: Severity.INFO });
  const toErrors = descriptorTarget(2, () => {});
  if (standardError) outputs.push({ from: standardError, to: toErrors, severity: Severity.WARNING });
  return outputs;
}
