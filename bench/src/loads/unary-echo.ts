import {
  ActivityEventsService,
  CreateEventRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { EventTemplate, eventOf } from "../event-template.ts";
import { closedLoop } from "./closed-loop.ts";
import { countFaults } from "./count-faults.ts";
import type { Load, LoadOptions } from "./load.ts";
import { openRawChannel, rawUnary } from "./raw-channel.ts";

/** The calls of `create-event` to a server that counts and echoes them. */
export async function openUnaryEcho({ address, inFlight, deployments }: LoadOptions): Promise<Load> {
  const path = methodPath(ActivityEventsService.method.createEvent);
  const template = EventTemplate.of(CreateEventRequestSchema, { event: eventOf(0, 0) });
  const channel = openRawChannel(address);
  let made = 0;
  return {
    round: (ms) =>
      closedLoop({
        inFlight,
        ms,
        operation: async () => {
          made += 1;
          const request = template.make(made % deployments, made);
          const answer = await rawUnary(channel, path, request);
          if (!answer.equals(request)) throw new Error("the echo sent back something else");
        },
      }),
    settle: () => {},
    verify: async () => countFaults(made, Number(`${await rawUnary(channel, "/bench/Count", Buffer.alloc(0))}`)),
    close: async () => channel.close(),
  };
}
