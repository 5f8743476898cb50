import type { EventEmitter } from "node:events";
import type { ReadingTurns } from "../live/reading-turns.ts";

/** Response that a turn is for. */
type Outgoing = EventEmitter & { readonly closed: boolean; destroy(): unknown };

/**
 * Waits for a turn, which lasts until the answer was sent or the client is gone. A client that does not take its answer in this time, in
 * ms, is disconnected. Returns false if it has left while it waited.
 */
export async function answerTurn(turns: ReadingTurns, outgoing: Outgoing, timeMs: number): Promise<boolean> {
  const end = await turns.take();
  if (outgoing.closed) {
    end();
    return false;
  }
  const late = setTimeout(() => outgoing.destroy(), timeMs);
  outgoing.once("close", () => {
    clearTimeout(late);
    end();
  });
  return true;
}
