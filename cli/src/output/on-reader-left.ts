import { constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";

/**
 * Calls `left` when nobody has the pipe behind a descriptor open for reading any more, also while nothing is written; never
 * where it is no pipe, or the system cannot tell: then the next write does.
 */
export function onReaderLeft(descriptor: number, left: () => void): void {
  if (!fstatSync(descriptor).isFIFO()) return;
  try {
    // Opened anew, since a process may watch a descriptor once. Source: proc(5).
    const again = openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
    const options: object = { handle: watchable(again), readable: true, writable: false };
    // Nothing can be read; the system ends the wait for that with an error when the last reader closes the pipe.
    new Socket(options).on("error", left).resume().unref();
  } catch (error) {
    // A pipe with a name that nobody reads cannot be opened.
    if ((error as NodeJS.ErrnoException).code === "ENXIO") left();
  }
}

interface Handle {
  open(descriptor: number): number;
}

/**
 * A handle that waits to read from any descriptor. Node's handle for pipes refuses one that is open for writing alone, so this
 * is the one for TCP, which does not ask.
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
