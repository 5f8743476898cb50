import { freePort } from "@activity-events/testing/free-port";
import type { Scratch } from "../scratch.ts";
import { findCommand } from "./find-command.ts";
import type { Server } from "./server.ts";
import { untilListening } from "./until-listening.ts";

/** Starts a Redis that syncs its append-only file before it answers. */
export async function startRedis(scratch: Scratch): Promise<Server> {
  const command = findCommand("redis-server", { debianPackage: "redis-server" });
  const port = await freePort();
  const started = scratch.start({
    command,
    args: [
      ["--bind", "127.0.0.1", "--port", `${port}`, "--dir", await scratch.folder("redis")],
      ["--save", "", "--appendonly", "yes", "--appendfsync", "always"],
    ].flat(),
  });
  await untilListening(started, { port });
  return { address: `127.0.0.1:${port}`, pid: started.pid, stop: () => started.stop() };
}
