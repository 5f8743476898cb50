import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Area } from "./areas.ts";

/** How the tests ended: all passed, one failed, or they took so long that they were ended. */
export type Ending = "passed" | "failed" | "late";

/** Which of the area's tests run: some files, those that need Node alone, or all. */
export type Selection = { readonly files: readonly string[] } | "node-alone" | "all";

// A fault that makes a test wait for ever costs this, and not the minutes that jest gives a test otherwise.
const testMsMax = 60_000;

/** Runs tests of an area in a copy of the repository, up to the first that fails; ends them after `limitMs`. */
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
    // With all that it starts, so that all of it can be ended.
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
  // At the first failure jest leaves what its tests had started.
  end();
  if (isLate) return "late";
  return code === 0 ? "passed" : "failed";
}

/** Ends all processes of a group; there may be none left. */
function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
