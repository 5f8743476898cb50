import { write } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** Pause before a descriptor that takes nothing now is tried again, in ms. */
const fullPauseMs = 5;

const writeBytes = promisify(write);

/** Takes bytes as they are. */
export interface ByteTarget {
  /** Writes bytes; waits while the reader is behind. Returns false when they cannot be written. */
  write(bytes: Uint8Array): Promise<boolean>;
}

/** Writes to standard output or standard error without stopping this process while a reader is behind, as Node's own streams do. */
export function descriptorTarget(descriptor: 1 | 2, onError: (error: NodeJS.ErrnoException) => void): ByteTarget {
  return {
    write: async (bytes) => {
      let written = 0;
      while (written < bytes.length) {
        try {
          written += (await writeBytes(descriptor, bytes, written)).bytesWritten;
        } catch (error) {
          const fault = error as NodeJS.ErrnoException;
          if (fault.code !== "EAGAIN") {
            onError(fault);
            return false;
          }
          await sleep(fullPauseMs);
        }
      }
      return true;
    },
  };
}
