import { constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";

/**
 * Calls `left` as soon as the pipe behind a descriptor has no reader, even while nothing is written. Never calls it for
 * anything but a pipe, or if the system cannot tell; then the next write fails.
 */
export function onReaderLeft(descriptor: number, left: () => void): void {
  if (!fstatSync(descriptor).isFIFO()) return;
  try {
    // Opened again, because a process may watch a descriptor only once. Source: proc(5).
    const again = openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
    const options: object = { handle: watchable(again), readable: true, writable: false };
    // There is nothing to read. The wait fails when the last reader closes the pipe.
    new Socket(options).on("error", left).resume().unref();
  } catch (error) {
    // A named pipe without a reader cannot be opened.
    if ((error as NodeJS.ErrnoException).code === "ENXIO") left();
  }
}

interface Handle {
  open(descriptor: number): number;
}

/**
 * Makes a handle that waits for input on any descriptor. Node's pipe handle refuses a write-only descriptor; the TCP handle
 * does not check.
 */
function watchable(descriptor: number): Handle {
  const { binding } = process as unknown as { binding(name: "tcp_wrap"): TcpBinding };
  const { TCP, constants: kinds } = binding("tcp_wrap");
  const handle = new TCP(kinds.SOCKET);
  const code = handle.open(descriptor);
  if (code !== 0) throw new Error(`the pipe cannot be watched: ${code}`);
  return handle;
}

interface TcpBinding {
  readonly TCP: new (kind: number) => Handle;
  readonly constants: { readonly SOCKET: number };
}
