import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { limits } from "../limits.ts";

/** A frame of a stream of the contract, by case; the first is `opened`. */
export interface Frame {
  readonly case: string;
  readonly value: object;
}

/** A message with a frame, which is undefined if a newer server sent it. */
interface Framed<F> {
  readonly frame: F | { readonly case: undefined };
}

/**
 * Reads the frames of one stream to its end. `open` gets the longest silence in ms: the time to open, then three heartbeat intervals.
 * Without heartbeats it is unbounded, since a rare match in a long history may take long.
 */
export async function* streamFrames<F extends Frame>(
  open: (silenceMaxMs: () => number | "unbounded") => AsyncIterable<Framed<F>>,
): AsyncGenerator<F, void, undefined> {
  let silenceMaxMs: number | "unbounded" = limits.openTimeoutMs;
  for await (const { frame } of open(() => silenceMaxMs)) {
    if (frame.case === undefined) continue;
    if (frame.case === "opened") silenceMaxMs = silenceMaxMsOf(frame.value);
    yield frame;
  }
}

function silenceMaxMsOf(opened: { readonly heartbeatInterval?: Duration }): number | "unbounded" {
  const { heartbeatInterval } = opened;
  return heartbeatInterval === undefined ? "unbounded" : limits.silentIntervalsMax * durationMs(heartbeatInterval);
}
