import { join } from "node:path";
import { freePort } from "@activity-events/testing/free-port";
import type { Scratch } from "../scratch.ts";
import type { Server } from "./server.ts";
import { untilListening } from "./until-listening.ts";

/** Starts the bare grpc-js server of `raw-grpc-process.ts`; `framesFile` has the messages to stream. */
export async function startRawGrpc(scratch: Scratch, framesFile = ""): Promise<Server> {
  const port = await freePort();
  const script = join(import.meta.dirname, "raw-grpc-process.ts");
  const started = scratch.start({ command: process.execPath, args: [script, `${port}`, framesFile] });
  await untilListening(started, { port });
  return { address: `127.0.0.1:${port}`, pid: started.pid, stop: () => started.stop() };
}
