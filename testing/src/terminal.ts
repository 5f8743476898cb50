import { spawnSync } from "node:child_process";

/** The command that runs a line of shell on a terminal of its own. Source: script(1) of util-linux. */
export function onTerminal(line: string): readonly string[] {
  return ["script", "--quiet", "--return", "--command", line, "/dev/null"];
}

/** Says in one line why this machine gives no terminal; undefined where it does. */
export function whyNoTerminal(): string | undefined {
  const isThere = spawnSync("script", ["--version"]).stdout?.includes("util-linux") ?? false;
  return isThere ? undefined : "apt-get install bsdutils";
}
