import { ActivityEventsError } from "@activity-events/client";
import { limits } from "@activity-events/client/internal";
import type { Config } from "../config.ts";
import { describeError } from "../program/describe-error.ts";
import { SpoolFolder } from "../spool/spool-folder.ts";
import type { RecordedRun } from "./recorded-run.ts";
import { Recorder } from "./recorder.ts";
import { recordingComplaints, sentFileComplaints } from "./recording-complaints.ts";
import type { RunTarget } from "./run-target.ts";
import { SpoolSweep } from "./spool-sweep.ts";

/** Time after the end of the command after which the connection is looked at, in ms: it leaves time for an answer. */
const explainAfterMs = 600;

/** Codes of a service that was not reached: then the order is kept, and all of it is tried again. */
const awayCodes: ReadonlySet<string> = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"]);

/** Options of a run's recording. */
export interface RunRecordingOptions {
  readonly run: RecordedRun;
  readonly target: RunTarget;
  readonly config: Config;
  /** Time limit of an attempt to send, in ms. */
  readonly timeoutMs: number | undefined;
}

/** Records one run, and sends what earlier ones have left. */
export class RunRecording {
  readonly recorder: Recorder;
  readonly #sweep: SpoolSweep | undefined;
  readonly #describe: (error: ActivityEventsError) => string;
  readonly #target: RunTarget;
  #complaints: readonly string[] = [];

  constructor({ run, target, config, timeoutMs = limits.callTimeoutMs }: RunRecordingOptions) {
    const { deploymentId, traceParent } = run;
    const { connection, connect } = target;
    const { stateFolder } = config;
    const address = "address" in connection ? connection.address : connection.runService;
    this.#target = target;
    this.#describe = (error) => describeError(error, { address, tls: true }, { kind: "http2" });
    const folder = stateFolder === undefined ? undefined : new SpoolFolder(stateFolder);
    const sweep =
      folder &&
      new SpoolSweep({ folder, connect, service: connection, deploymentId, timeoutMs, describe: this.#describe });
    this.#sweep = sweep;
    this.recorder = new Recorder({
      deploymentId,
      traceParent,
      createSpool: async () => {
        if (folder === undefined) throw new Error("XDG_STATE_HOME is not set, and this account has no home");
        return folder.create({ service: connection, deploymentId });
      },
      connect,
      before: async (client, signal) => {
        try {
          await sweep?.begin(client, signal);
        } catch (error) {
          // Trouble with what others have left must not keep this run's events.
          if (error instanceof ActivityEventsError && awayCodes.has(error.code)) throw error;
        }
      },
      timeoutMs,
    });
  }

  /** What is to be told, after the end. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** Waits until everything is sent, but not longer than until a time of the monotonic clock. Returns whether all events are recorded. */
  async end(untilMs: number, givenUp: AbortSignal): Promise<boolean> {
    let why: string | undefined;
    const explaining = setTimeout(async () => {
      why = await this.#target.explain().catch(() => undefined);
    }, explainAfterMs);
    const recording = await this.recorder.end(untilMs - performance.now(), givenUp);
    clearTimeout(explaining);
    if (recording.unsent === 0) await this.#sweep?.sendOwn(untilMs - performance.now(), givenUp);
    await this.#sweep?.end(untilMs - performance.now(), givenUp);
    this.#complaints = [
      ...recordingComplaints(recording, {
        why: why ?? `${this.#target.name} did not answer in time`,
        describe: this.#describe,
      }),
      ...sentFileComplaints(this.#sweep?.sent ?? []),
    ];
    return recording.unsent === 0 && recording.refused.length === 0;
  }
}
