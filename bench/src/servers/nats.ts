import { freePort } from "@activity-events/testing/free-port";
import type { Scratch } from "../scratch.ts";
import { findCommand } from "./find-command.ts";
import type { Server } from "./server.ts";
import { untilListening } from "./until-listening.ts";

/** Starts a NATS server with JetStream on disk and default settings: it syncs every two minutes. */
export async function startNats(scratch: Scratch): Promise<Server> {
  const command = findCommand("nats-server", { debianPackage: "nats-server" });
  const port = await freePort();
  const args = ["--jetstream", "--store_dir", await scratch.folder("nats"), "--addr", "127.0.0.1", "--port", `${port}`];
  const started = scratch.start({ command, args });
  await untilListening(started, { port });
  return { address: `127.0.0.1:${port}`, pid: started.pid, stop: () => started.stop() };
}
