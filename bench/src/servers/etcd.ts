import { freePort } from "@activity-events/testing/free-port";
import type { Scratch } from "../scratch.ts";
import { findCommand } from "./find-command.ts";
import type { Server } from "./server.ts";
import { untilListening } from "./until-listening.ts";

/** Starts an etcd with one member and default settings. */
export async function startEtcd(scratch: Scratch): Promise<Server> {
  const command = findCommand("etcd", { debianPackage: "etcd-server" });
  const [port, peerPort] = [await freePort(), await freePort()];
  const [url, peerUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
  const started = scratch.start({
    command,
    args: [
      ["--data-dir", await scratch.folder("etcd")],
      ["--listen-client-urls", url, "--advertise-client-urls", url],
      [
        "--listen-peer-urls",
        peerUrl,
        "--initial-advertise-peer-urls",
        peerUrl,
        "--initial-cluster",
        `default=${peerUrl}`,
      ],
    ].flat(),
  });
  await untilListening(started, { port });
  return { address: `127.0.0.1:${port}`, pid: started.pid, stop: () => started.stop() };
}
