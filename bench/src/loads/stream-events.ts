import {
  ActivityEventsService,
  StreamEventsRequestSchema,
  StreamEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { deploymentId } from "../event-template.ts";
import { countEntries } from "./count-entries.ts";
import type { Load, LoadOptions, RoundOfLoad } from "./load.ts";
import { openRawChannel, rawServerStream } from "./raw-channel.ts";

/** Reads all events of one deployment repeatedly. Counts the frames, and decodes them once at the end. */
export async function openStreamEvents({ address, eventsEach = 0 }: LoadOptions): Promise<Load> {
  const path = methodPath(ActivityEventsService.method.streamEvents);
  const request = Buffer.from(
    toBinary(StreamEventsRequestSchema, create(StreamEventsRequestSchema, { deploymentId: deploymentId(0) })),
  );
  const channel = openRawChannel(address);
  return {
    async round(ms): Promise<RoundOfLoad> {
      const latenciesMs: number[] = [];
      const begun = performance.now();
      let sent = begun;
      while (sent - begun < ms) {
        let events = 0;
        await rawServerStream(channel, path, request, (frame) => {
          events += countEntries(frame);
        });
        if (events !== eventsEach) throw new Error(`a stream brought ${events} of ${eventsEach} events`);
        const ended = performance.now();
        latenciesMs.push(ended - sent);
        sent = ended;
      }
      return { operations: latenciesMs.length * eventsEach, elapsedMs: sent - begun, latenciesMs };
    },
    settle: () => {},
    async verify() {
      const frames: Buffer[] = [];
      await rawServerStream(channel, path, request, (frame) => frames.push(frame));
      return streamFaults(frames, eventsEach);
    },
    close: async () => channel.close(),
  };
}

function streamFaults(frames: readonly Buffer[], wanted: number): readonly string[] {
  const ids = new Set<string>();
  let last = 0;
  for (const bytes of frames) {
    const { frame } = fromBinary(StreamEventsResponseSchema, bytes);
    for (const { sequence, eventId } of frame.case === "events" ? frame.value.events : []) {
      if (Number(sequence) !== last + 1) return [`sequence ${sequence} is streamed after ${last}`];
      last += 1;
      ids.add(eventId);
    }
  }
  if (last !== wanted) return [`${wanted} events are stored, ${last} are streamed`];
  return ids.size === wanted ? [] : [`${wanted} events have ${ids.size} ids`];
}
