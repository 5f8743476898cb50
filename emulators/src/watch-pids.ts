import { emulatorFacts, emulatorNames } from "./emulator-facts.ts";
import type { Pids } from "./firebase.ts";

/** Resolves with a message when an emulator's process is gone, which firebase-tools does not report. */
export function watchPids(pids: Pids): { readonly died: Promise<string>; end(): void } {
  const { promise: died, resolve } = Promise.withResolvers<string>();
  const timer = setInterval(() => {
    const gone = emulatorNames.find((name) => pids[name] !== undefined && !isAlive(pids[name]));
    if (gone === undefined) return;
    clearInterval(timer);
    resolve(`the ${emulatorFacts[gone].title} emulator exited`);
  }, 500);
  // The timer must not keep the process alive.
  timer.unref();
  return { died, end: () => clearInterval(timer) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
