import { BatchCreateEventsRequestSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { callRaw, methods } from "@activity-events/testing/contract-client";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Client } from "@grpc/grpc-js";
import { inParallel } from "./in-parallel.ts";

interface Fill {
  readonly deploymentId: string;
  /** The events `e-{first}` to `e-{last}`. */
  readonly first: number;
  readonly last: number;
}

/** Writes numbered events in one batch. */
export async function fillBatch(client: Client, { deploymentId, first, last }: Fill): Promise<void> {
  const request = create(BatchCreateEventsRequestSchema, {
    deploymentId,
    events: Array.from({ length: last - first + 1 }, (_, index) => ({
      eventId: `e-${first + index}`,
      message: `event ${first + index} of a deployment that has many`,
    })),
  });
  // What is answered would have to be decoded only to be thrown away.
  await callRaw(client, methodPath(methods.batchCreateEvents), toBinary(BatchCreateEventsRequestSchema, request));
}

/** Writes the events `e-1` to `e-{eventsTotal}` of one deployment in batches of 500, a few of them under way at a time. */
export async function fill(client: Client, deploymentId: string, eventsTotal: number): Promise<void> {
  await inParallel(Math.ceil(eventsTotal / 500), 4, async (batch) => {
    const first = batch * 500 + 1;
    await fillBatch(client, { deploymentId, first, last: Math.min(first + 499, eventsTotal) });
  });
}
