// `node tools/run.mjs [NAME=VALUE ...] [NODE_FLAG ...] FILE [ARGUMENT ...]`: installs missing packages, then runs a
// file with the project's Node. Every script of package.json uses it, because cmd.exe has neither `exec` nor
// `NAME=VALUE command`. It needs no dependency and works on Node 20. Decision 31 has the reasons.
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { projectNode, setUp } from "./set-up.mjs";

setUp();
const args = process.argv.slice(2);
const settings = args.slice(
  0,
  args.findIndex((arg) => !/^[A-Z_]+=/.test(arg)),
);
// A terminal signals all its processes for Ctrl-C and at its end, and npm forwards Ctrl-C again: the program already has it.
const sentByTerminal = isOnTerminal() ? ["SIGINT", "SIGHUP"] : [];
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) {
  process.on(signal, () => {
    if (!sentByTerminal.includes(signal)) program.kill(signal);
  });
}

const program = spawn(projectNode, args.slice(settings.length), {
  stdio: "inherit",
  env: { ...process.env, ...Object.fromEntries(settings.map((setting) => setting.split(/=(.*)/s))) },
});
program.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  // End like the program, for the caller that waits for this process.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});

/** Tells whether a terminal signals this process; on Windows, consoles always do. */
function isOnTerminal() {
  if (process.platform === "win32") return true;
  try {
    closeSync(openSync("/dev/tty"));
    return true;
  } catch {
    return false;
  }
}
