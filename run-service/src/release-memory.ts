import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How often it is looked whether the process rests, and how much CPU time it may use meanwhile, in milliseconds. */
const lookIntervalMs = 150;
const restingCpuMs = 15;

/** So much CPU time, that of about a thousand calls, makes a rest worth a collection, which takes some tens of milliseconds itself. */
const workedCpuMs = 500;

interface ReleaseMemoryOptions {
  /** CPU time of the process so far, in milliseconds. */
  readonly cpuMs?: () => number;
  readonly collect?: () => void;
}

/**
 * Gives the memory back that V8 took under load and keeps, once the process rests after work; until the answered function
 * is called. It costs nothing under load, for then it does not happen.
 */
export function releaseMemoryAtRest({ cpuMs = cpuMsOfProcess, collect = collector() }: ReleaseMemoryOptions = {}) {
  let [last, collected] = [cpuMs(), 0];
  const timer = setInterval(() => {
    const now = cpuMs();
    const rests = now - last <= restingCpuMs;
    last = now;
    if (!rests || now - collected < workedCpuMs) return;
    collect();
    last = cpuMs();
    collected = last;
  }, lookIntervalMs).unref();
  return () => clearInterval(timer);
}

function cpuMsOfProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

// A plain full collection leaves V8 a third of what it took; the one that it makes before it gives up does not. Where an
// older Node does not know the flavour it is a plain one.
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  const gc: (options: object) => void = runInNewContext("gc");
  return () => gc({ type: "major", flavor: "last-resort" });
}
