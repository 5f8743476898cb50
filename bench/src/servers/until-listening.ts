import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { StartedProcess } from "../scratch.ts";

interface UntilListeningOptions {
  readonly port: number;
  /** Time between two attempts. */
  readonly pauseMs?: number;
}

/**
 * Resolves when a process accepts connections on loopback. Throws its output if it exits before, or after 30 s. The
 * port must be below those of outgoing connections; otherwise an attempt could connect to itself.
 */
export async function untilListening(started: StartedProcess, { port, pauseMs = 10 }: UntilListeningOptions) {
  const endMs = performance.now() + 30_000;
  while (!(await accepts(port))) {
    if (started.hasExited) throw new Error(`it ended before it listened: ${started.said()}`);
    if (performance.now() > endMs) throw new Error(`it does not listen on ${port}: ${started.said()}`);
    await sleep(pauseMs);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
