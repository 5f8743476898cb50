import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { join } from "node:path";

/** Counts what a test file runs in its own process, from now until the answer is called, which writes it as Node does itself. */
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
