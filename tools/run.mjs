// `node tools/run.mjs [NAME=VALUE ...] [NODE_FLAG ...] FILE [ARGUMENT ...]`: installs what is missing, then runs a file with the
// project's Node. Every script of package.json goes through it: cmd.exe has neither `exec` nor `NAME=VALUE command`. It needs no
// dependency and works on Node 20. Decision 31 has the reasons.
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { projectNode, setUp } from "./set-up.mjs";

setUp();
const args = process.argv.slice(2);
const settings = args.slice(
  0,
  args.findIndex((arg) => !/^[A-Z_]+=/.test(arg)),
);
// Ctrl-C and the end of a terminal reach every process on it, and npm passes Ctrl-C on once more: the program has it already.
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
  // Whoever waits for this process sees the end that the program had.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});

/** Tells whether a terminal signals this process; Windows has consoles, which do so always. */
function isOnTerminal() {
  if (process.platform === "win32") return true;
  try {
    closeSync(openSync("/dev/tty"));
    return true;
  } catch {
    return false;
  }
}
