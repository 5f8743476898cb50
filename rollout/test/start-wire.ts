import { spawn } from "node:child_process";
import { once } from "node:events";
import { endAfterTest } from "./running-rollout.ts";

// Hands on what it gets, both ways.
const forward = `
const { connect, createServer } = require("node:net");
createServer((near) => {
  const far = connect(Number(process.argv[1]), "127.0.0.1");
  near.pipe(far).pipe(near);
  for (const socket of [near, far]) socket.on("error", () => {});
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); });
`;

/** What lies between a client and a server, as a process: what is frozen looks like a peer that has stopped to answer. */
export interface Wire {
  readonly port: number;
  freeze(): void;
  thaw(): void;
}

/** Leads to a port of this machine. */
export async function startWire(port: number): Promise<Wire> {
  const child = spawn(process.execPath, ["-e", forward, `${port}`], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  endAfterTest(child);
  const [text] = await once(child.stdout, "data");
  return {
    port: Number(`${text}`),
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
  };
}
