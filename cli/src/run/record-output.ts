import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { ByteTarget } from "../output/descriptor-target.ts";
import { OutputAllowance } from "./output-allowance.ts";
import { OutputLines } from "./output-lines.ts";
import type { Recorder } from "./recorder.ts";

/** Time without output after which what the command left is read, in ms, where a process that it started keeps the pipe. */
const quietMs = 100;
/** Longest time that such output is read, in ms. */
const restMs = 1_000;

/** Output of a command. */
export interface CommandOutput {
  readonly from: Readable;
  readonly to: ByteTarget;
  readonly severity: Severity;
}

/** Copying and recording that is under way. */
export interface OutputRecording {
  /** Call it when the command has ended; resolves when its output is written and recorded. */
  finish(): Promise<void>;
}

/** Passes the output of a command on, byte for byte, and records its lines. */
export function recordOutput(outputs: readonly CommandOutput[], recorder: Recorder): OutputRecording {
  let lastMs = performance.now();
  let writing = 0;
  const copies = outputs.map(async ({ from, to, severity }) => {
    // Each has its own, so that many lines do not hide the few of standard error.
    const allowance = new OutputAllowance(performance.now());
    const tellLeftOut = () => {
      const count = allowance.takeLeftOut();
      if (count === 0) return;
      const message = `${count} ${count === 1 ? "line" : "lines"} of output left out: too many at once.`;
      recorder.record({ severity: Severity.NOTICE, message, data: { left_out_lines: count } });
    };
    const lines = new OutputLines((message) => {
      if (!allowance.allows(performance.now(), recorder.waiting)) return;
      tellLeftOut();
      recorder.record({ severity, message });
    });
    try {
      for await (const bytes of from as AsyncIterable<Buffer>) {
        lastMs = performance.now();
        lines.take(bytes);
        // Closing the pipe tells the command, as it would without this process between.
        writing += 1;
        const isWritten = await to.write(bytes);
        writing -= 1;
        lastMs = performance.now();
        if (!isWritten) break;
      }
    } catch {
      // The pipe was closed from here.
    }
    from.destroy();
    lines.end();
    tellLeftOut();
  });
  const copied = Promise.all(copies);
  return {
    finish: async () => {
      let isCopied = false;
      copied.then(() => {
        isCopied = true;
      });
      const endedMs = performance.now();
      const isQuiet = () => {
        const nowMs = performance.now();
        // A reader that is behind is waited for, as by the command itself.
        if (writing > 0) return false;
        return nowMs - endedMs >= restMs || (nowMs - endedMs >= quietMs && nowMs - lastMs >= quietMs);
      };
      while (!isCopied && !isQuiet()) await Promise.race([copied, sleep(quietMs / 4)]);
      for (const { from } of outputs) from.destroy();
      await Promise.race([copied, sleep(quietMs)]);
    },
  };
}
