// `node tools/run.mjs [running] [NAME=VALUE ...] [NODE_FLAG ...] FILE [ARGUMENT ...]`: installs missing packages, then runs a
// file with the project's Node. `running` installs only what runs on a user's machine. Every script of package.json uses it,
// because cmd.exe has neither `exec` nor `NAME=VALUE command`. It needs no dependency and works on Node 20. Decisions 31 and 45
// have the reasons.
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { projectNode, setUp } from "./set-up.mjs";

/** Interval of looks at npm, in ms. */
const lookIntervalMs = 1_000;

const isRunning = process.argv[2] === "running";
setUp(isRunning ? "running" : "everything");
const args = process.argv.slice(isRunning ? 3 : 2);
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
  // A channel that closes tells the service, the page and `npm start` that this process is gone, also by SIGKILL.
  stdio: isRunning ? ["inherit", "inherit", "inherit", "ipc"] : "inherit",
  env: { ...process.env, ...Object.fromEntries(settings.map((setting) => setting.split(/=(.*)/s))) },
});
if (isRunning && process.env.npm_lifecycle_event !== undefined) endWithNpm();
program.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  // End like the program, for the caller that waits for this process.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});

/** Closes the program's channel once npm is gone: killed by SIGKILL, it cannot pass that on. Windows keeps the id of a parent. */
function endWithNpm() {
  const npm = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(look);
    if (program.connected) program.disconnect();
  }, lookIntervalMs);
  look.unref();
}

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
