import { quantile } from "../statistics.ts";
import type { Load, LoadAnswer, LoadRequest, RoundReport } from "./load.ts";
import { openLoad } from "./open-load.ts";

// Puts load on a server: `load-process.ts KIND OPTIONS`, with options as JSON. Takes orders as messages, one at a time,
// and ends with its parent.

const [kind = "", options = "{}"] = process.argv.slice(2);
const answer = (message: LoadAnswer) => process.send?.(message);
const failed = (error: unknown) => answer({ kind: "failed", message: (error as Error).stack ?? String(error) });

process.on("disconnect", () => process.exit(0));
try {
  const load = await openLoad(kind, JSON.parse(options));
  process.on("message", (request: LoadRequest) => perform(load, request).then(answer, failed));
  process.once("SIGTERM", () => load.close().finally(() => process.exit(0)));
  answer({ kind: "ready" });
} catch (error) {
  failed(error);
}

async function perform(load: Load, request: LoadRequest): Promise<LoadAnswer> {
  switch (request.kind) {
    case "round":
      return { kind: "round", report: await round(load, request.ms) };
    case "verify":
      return { kind: "verify", faults: await load.verify() };
  }
}

async function round(load: Load, ms: number): Promise<RoundReport> {
  const before = process.cpuUsage();
  const { operations, elapsedMs, latenciesMs } = await load.round(ms);
  const { user, system } = process.cpuUsage(before);
  load.settle();
  const latency = { p50: quantile(latenciesMs, 0.5), p99: quantile(latenciesMs, 0.99) };
  return { operations, elapsedMs, latency, cpuUs: user + system };
}
