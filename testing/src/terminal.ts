import { spawnSync } from "node:child_process";

/**
 * Returns a command that runs a program, with arguments and redirections in shell syntax, on its own terminal. Source:
 * script(1) of util-linux.
 */
export function onTerminal(line: string): readonly string[] {
  // `exec`, because Ctrl-C would end a waiting dash and lose the exit code; without SHELL, script starts dash.
  return ["script", "--quiet", "--return", "--command", `exec ${line}`, "/dev/null"];
}

/** Returns one line with the reason why this machine has no terminal; undefined if it has. */
export function whyNoTerminal(): string | undefined {
  const isThere = spawnSync("script", ["--version"]).stdout?.includes("util-linux") ?? false;
  return isThere ? undefined : "apt-get install bsdutils";
}
