import { join } from "node:path";
import type { Scratch } from "../scratch.ts";
import type { LoadAnswer, LoadOptions, LoadRequest, RoundReport } from "./load.ts";
import type { LoadKind } from "./open-load.ts";

/** A load in its own process. */
export interface StartedLoad {
  readonly pid: number;
  round(ms: number): Promise<RoundReport>;
  verify(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Starts a load; throws an error with its message if it cannot work. */
export async function startLoad(scratch: Scratch, kind: LoadKind, options: LoadOptions): Promise<StartedLoad> {
  const script = join(import.meta.dirname, "load-process.ts");
  const started = scratch.start({
    command: process.execPath,
    args: [script, kind, JSON.stringify(options)],
    withMessages: true,
  });
  const { child } = started;
  const answerOf = async <Kind extends LoadAnswer["kind"]>(
    wanted: Kind,
    request?: LoadRequest,
  ): Promise<Extract<LoadAnswer, { kind: Kind }>> => {
    const answered = new Promise<LoadAnswer>((resolve) =>
      child.once("message", (message: LoadAnswer) => resolve(message)),
    );
    if (request !== undefined) child.send(request);
    const answer = await Promise.race([answered, started.exited]);
    if (answer?.kind === wanted) return answer as Extract<LoadAnswer, { kind: Kind }>;
    const said = answer?.kind === "failed" ? answer.message : started.said();
    // The stack of the load's process counts; it is in the message.
    const message = `the load ${kind} ${JSON.stringify(options)}: ${said}`;
    throw Object.assign(new Error(message), { stack: message });
  };
  await answerOf("ready");
  return {
    pid: started.pid,
    round: async (ms) => (await answerOf("round", { kind: "round", ms })).report,
    verify: async () => (await answerOf("verify", { kind: "verify" })).faults,
    stop: () => started.stop(),
  };
}
