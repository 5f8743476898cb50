import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Area } from "./areas.ts";

/** Result of the tests: all passed, one failed, or they exceeded the time limit. */
export type Ending = "passed" | "failed" | "late";

/** Tests of the area to run: some files, those that need only Node, or all. */
export type Selection = { readonly files: readonly string[] } | "node-alone" | "all";

// Bounds a test that a fault makes wait for ever, well below jest's own limit.
const testMsMax = 60_000;

/** Runs tests of an area in a copy of the repository until the first failure; ends them after `limitMs`. */
export async function runTests(copy: string, { tests }: Area, selection: Selection, limitMs: number): Promise<Ending> {
  const jest = join(copy, "node_modules", "jest", "bin", "jest.js");
  const patterns = typeof selection === "object" ? selection.files : tests;
  const options = [
    "--bail",
    "--silent",
    "--passWithNoTests",
    ...(selection === "all" ? [] : [`--testTimeout=${testMsMax}`]),
  ];
  const args = ["--experimental-vm-modules", "--no-warnings", jest, ...options, ...patterns];
  const child = spawn(process.execPath, args, {
    cwd: copy,
    // In its own group, so that it and its children can be ended.
    detached: true,
    stdio: "ignore",
    env: { ...process.env, ...(selection === "all" ? { ALL_TESTS: "true" } : {}) },
  });
  const end = () => endGroup(child.pid ?? 0);
  process.once("exit", end);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, limitMs);
  const [code] = await once(child, "close");
  clearTimeout(timer);
  process.off("exit", end);
  // With --bail jest does not end processes that its tests started.
  end();
  if (isLate) return "late";
  return code === 0 ? "passed" : "failed";
}

/** Ends all processes of a group, if there are any left. */
function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
