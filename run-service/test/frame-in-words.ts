import {
  GoawayReason,
  type StreamEventsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";

/** A frame of a stream in one short line: `opened after 2`, `events 3-4`, `caught_up 4 of 4`, `goaway DRAINING at 4`. */
export function frameInWords({ frame }: StreamEventsResponse): string {
  switch (frame.case) {
    case "opened":
      return `opened after ${frame.value.cursor}`;
    case "events":
      return `events ${inRanges(sequencesIn([{ frame }]))}`;
    case "caughtUp":
      return `caught_up ${frame.value.cursor} of ${frame.value.headSequence}`;
    case "fellBehind":
      return `fell_behind ${frame.value.cursor} of ${frame.value.headSequence}`;
    case "heartbeat":
      return `heartbeat ${frame.value.cursor} of ${frame.value.headSequence}`;
    case "goaway":
      return `goaway ${GoawayReason[frame.value.reason]} at ${frame.value.cursor}`;
    default:
      throw new Error("the frame is empty");
  }
}

/** The sequences of all events in these frames. */
export function sequencesIn(frames: readonly Pick<StreamEventsResponse, "frame">[]): number[] {
  return frames.flatMap(({ frame }) =>
    frame.case === "events" ? frame.value.events.map(({ sequence }) => Number(sequence)) : [],
  );
}

/** Numbers in the order in which they came, runs without a gap written short: `1-3,5,5-7`. */
export function inRanges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run?.[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join();
}

/** Whether a frame is of this kind, for MessageReader.until. */
export function isFrame(kind: StreamEventsResponse["frame"]["case"]): (message: StreamEventsResponse) => boolean {
  return ({ frame }) => frame.case === kind;
}
