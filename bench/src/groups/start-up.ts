import { join } from "node:path";
import { freePort } from "@activity-events/testing/free-port";
import { build } from "esbuild";
import type { Group } from "../contender.ts";
import { type Launch, launchContender } from "../launch-contender.ts";
import type { Scratch } from "../scratch.ts";
import { launchActivityService } from "../servers/activity-service.ts";
import { untilServing } from "../servers/until-serving.ts";

/** Time from the start of a process to its first use, compared with Node and grpc-js alone. */
export function startUp(): Group {
  return {
    name: "start",
    title: "From the start of the process to the first SERVING",
    contenders: [
      launchContender({
        rows: [["start/ours", "the service, embedded, on a new store"]],
        prepare: async (scratch) => ({ launch: () => launchEmbedded(scratch) }),
      }),
      launchContender({
        rows: [["start/grpc", "empty grpc-js server with health, bundled"]],
        prepare: async (scratch) => ({ launch: await emptyServer(scratch) }),
      }),
      launchContender({
        rows: [["start/node", "bare Node, to its end"]],
        prepare: async (scratch) => ({ launch: () => launchBareNode(scratch) }),
      }),
    ],
  };
}

/** Starts the service on SQLite; see Launch. */
export async function launchEmbedded(scratch: Scratch): Promise<readonly number[]> {
  const [port, dataDir] = [await freePort(), await scratch.folder("started")];
  const begun = performance.now();
  const started = launchActivityService(scratch, { port, environment: { STORE: "sqlite", DATA_DIR: dataDir } });
  await untilServing(started, port);
  const served = performance.now();
  await started.kill();
  return [served - begun];
}

async function emptyServer(scratch: Scratch): Promise<Launch> {
  const bundle = scratch.file("empty-grpc.cjs");
  const entry = join(import.meta.dirname, "..", "servers", "empty-grpc-process.ts");
  await build({ entryPoints: [entry], outfile: bundle, bundle: true, minify: true, platform: "node", format: "cjs" });
  return async () => {
    const port = await freePort();
    const begun = performance.now();
    const started = scratch.start({ command: process.execPath, args: [bundle, `${port}`] });
    await untilServing(started, port);
    const served = performance.now();
    await started.kill();
    return [served - begun];
  };
}

async function launchBareNode(scratch: Scratch): Promise<readonly number[]> {
  const begun = performance.now();
  const started = scratch.start({ command: process.execPath, args: ["-e", "0"] });
  await started.exited;
  return [performance.now() - begun];
}
