import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { join } from "node:path";

/** Starts measuring a test file in this process. Returns a function that writes the result in Node's format. */
export function measureTestFile(folder: string): () => void {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  return () => {
    session.post("Profiler.takePreciseCoverage", (error, taken) => {
      if (error !== null) throw error;
      const result = taken.result.filter(({ url }) => url.startsWith("file:") && !url.includes("/node_modules/"));
      writeFileSync(join(folder, `coverage-${process.pid}-${performance.now()}.json`), JSON.stringify({ result }));
    });
    session.disconnect();
  };
}
