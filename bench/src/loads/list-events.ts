import {
  ActivityEventsService,
  ListEventsRequestSchema,
  ListEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { deploymentId } from "../event-template.ts";
import { closedLoop } from "./closed-loop.ts";
import type { Load, LoadOptions } from "./load.ts";
import { openRawChannel, rawUnary } from "./raw-channel.ts";
import { storedFaults } from "./stored-faults.ts";

const pageSize = 100;
/** Coprime to the numbers of deployments, so that each is listed in turn and none next to the previous one. */
const stride = 7_919;

/** Lists the first 100 events of one deployment after another; decodes the pages after each round. */
export async function openListEvents(options: LoadOptions): Promise<Load> {
  const { address, inFlight, deployments, eventsEach = 0 } = options;
  const path = methodPath(ActivityEventsService.method.listEvents);
  const requests = Array.from({ length: deployments }, (_, at) =>
    Buffer.from(
      toBinary(ListEventsRequestSchema, create(ListEventsRequestSchema, { deploymentId: deploymentId(at), pageSize })),
    ),
  );
  const channel = openRawChannel(address);
  const faults = new Set<string>();
  let pages: Buffer[] = [];
  let listed = 0;
  return {
    round: (ms) =>
      closedLoop({
        inFlight,
        ms,
        operation: async () => {
          listed += stride;
          pages.push(await rawUnary(channel, path, requests[listed % deployments] ?? Buffer.alloc(0)));
        },
      }),
    settle: () => {
      for (const page of pages) for (const fault of pageFaults(page)) faults.add(fault);
      pages = [];
    },
    verify: async () => {
      const acknowledged = new Map(Array.from({ length: deployments }, (_, at) => [deploymentId(at), eventsEach]));
      return [...faults, ...(await storedFaults({ address, acknowledged, readBackMax: 10 }))];
    },
    close: async () => channel.close(),
  };
}

function pageFaults(page: Buffer): readonly string[] {
  const { events } = fromBinary(ListEventsResponseSchema, page);
  if (events.length !== pageSize) return [`a page holds ${events.length} of ${pageSize} events`];
  const wrong = events.find(({ sequence }, at) => Number(sequence) !== at + 1);
  return wrong === undefined ? [] : [`${wrong.name} of sequence ${wrong.sequence} is out of place in its page`];
}
