import { spawnSync } from "node:child_process";

/**
 * The command that runs a program, with its arguments and redirections as shell writes them, on a terminal of its own. Source:
 * script(1) of util-linux.
 */
export function onTerminal(line: string): readonly string[] {
  // Ctrl-C ends a dash that still waits, and with it the exit code; without SHELL script starts that.
  return ["script", "--quiet", "--return", "--command", `exec ${line}`, "/dev/null"];
}

/** Says in one line why this machine gives no terminal; undefined where it does. */
export function whyNoTerminal(): string | undefined {
  const isThere = spawnSync("script", ["--version"]).stdout?.includes("util-linux") ?? false;
  return isThere ? undefined : "apt-get install bsdutils";
}
