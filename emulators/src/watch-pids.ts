import { emulatorFacts, emulatorNames } from "./emulator-facts.ts";
import type { Pids } from "./firebase.ts";

/** Notices when one of the emulators' processes is gone, which firebase-tools does not tell, and says so in one line. */
export function watchPids(pids: Pids): { readonly died: Promise<string>; end(): void } {
  const { promise: died, resolve } = Promise.withResolvers<string>();
  const timer = setInterval(() => {
    const gone = emulatorNames.find((name) => pids[name] !== undefined && !isAlive(pids[name]));
    if (gone === undefined) return;
    clearInterval(timer);
    resolve(`the ${emulatorFacts[gone].title} emulator has ended`);
  }, 500);
  // A process that waits for nothing else may end.
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
