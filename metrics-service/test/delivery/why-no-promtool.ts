import { spawnSync } from "node:child_process";

/** Returns why Prometheus' own checker cannot run on this machine, if so. */
export function whyNoPromtool(): string | undefined {
  const { status } = spawnSync("promtool", ["--version"], { stdio: "ignore" });
  return status === 0 ? undefined : "`apt-get install prometheus` brings promtool";
}
