// `npm run conformance [-- LANGUAGE ...]`: builds the programs of the languages whose tools are here, runs each against a
// service of its own, directly and through the proxies that are here, and prints one table. Ends with 1 when a check failed
// or nothing ran.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { readOutcomes } from "./checks.ts";
import { type ConformanceRun, conformanceTable, failures } from "./conformance-table.ts";
import { languages, type Program } from "./languages.ts";
import { routes } from "./routes.ts";

const wanted = process.argv.slice(2);
const folder = temporaryFolder().path;
const runs: ConformanceRun[] = [];
// A service that startService starts does not keep this process from its end.
const holding = setInterval(() => {}, 60_000);
try {
  for (const [language, { whyNot, build }] of Object.entries(languages)) {
    if (wanted.length > 0 && !wanted.includes(language)) continue;
    const missing = whyNot();
    if (missing === undefined) runs.push(...(await runEverywhere(language, build(join(folder, language)))));
    else process.stderr.write(`Not run: ${missing}\n`);
  }
} finally {
  await cleanUp();
  clearInterval(holding);
}
process.stdout.write(`${conformanceTable(runs)}\n`);
process.exitCode = runs.length > 0 && failures(runs).length === 0 ? 0 : 1;

/** Runs a program by every way at once: most of its time it waits. */
async function runEverywhere(language: string, program: Program): Promise<readonly ConformanceRun[]> {
  const service = await startService({ dataDir: temporaryFolder().path });
  const running = Object.entries(routes).map(async ([route, { whyNot, open }]) => {
    const missing = whyNot();
    if (missing !== undefined) {
      process.stderr.write(`Not run: ${missing}\n`);
      return [];
    }
    await using opened = await open(service.address, join(temporaryFolder().path, "proxy"));
    return [{ language, route, outcomes: readOutcomes(await outputOf(program, opened.address)) }];
  });
  const found = await Promise.all(running);
  await service.kill();
  return found.flat();
}

/** Runs the program and returns its output; its standard error is passed through. */
function outputOf({ command, environment = {} }: Program, address: string): Promise<string> {
  const [file = "", ...args] = [...command, address];
  return new Promise((resolve) => {
    const env = { ...process.env, ...environment };
    execFile(file, args, { env }, (_error, stdout) => resolve(stdout)).stderr?.pipe(process.stderr);
  });
}
