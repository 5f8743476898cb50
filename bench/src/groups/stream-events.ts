import { writeFile } from "node:fs/promises";
import { ActivityEventsClient } from "@activity-events/client";
import { StreamEventsResponseSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Group } from "../contender.ts";
import { deploymentId } from "../event-template.ts";
import { fillStore } from "../fill-store.ts";
import { eventsPerSecond, loadContender } from "../load-contender.ts";
import type { Scratch } from "../scratch.ts";
import { startActivityService } from "../servers/activity-service.ts";
import { startRawGrpc } from "../servers/raw-grpc.ts";
import type { Server } from "../servers/server.ts";

const fill = { deployments: 1, eventsEach: 10_000 };
const options = { inFlight: 1, ...fill };
const frameEvents = 200;

/** Streams all events of one deployment, compared with prepared messages in memory. */
export function streamEvents(): Group {
  return {
    name: "stream",
    title: "Reading 10,000 events of one deployment, stream after stream",
    contenders: [
      loadContender({
        rows: eventsPerSecond("stream/ours", "StreamEvents"),
        start: startFilled,
        load: "stream-events",
        options,
      }),
      loadContender({
        rows: eventsPerSecond("stream/grpc", "grpc-js, streaming, 200 events a message from memory"),
        start: startFromMemory,
        load: "stream-events",
        options,
      }),
    ],
  };
}

async function startFilled(scratch: Scratch): Promise<Server> {
  const server = await startActivityService(scratch);
  await fillStore(server.address, fill);
  return server;
}

/** Starts the bare server with the same events as the service. */
async function startFromMemory(scratch: Scratch): Promise<Server> {
  const filled = await startFilled(scratch);
  const events = await readEvents(filled.address);
  await filled.stop();
  const frames: Uint8Array[] = [];
  for (let at = 0; at < events.length; at += frameEvents) {
    const value = { events: events.slice(at, at + frameEvents) };
    const frame = create(StreamEventsResponseSchema, { frame: { case: "events", value } });
    frames.push(toBinary(StreamEventsResponseSchema, frame));
  }
  const file = scratch.file("frames.json");
  await writeFile(file, JSON.stringify(frames.map((frame) => Buffer.from(frame).toString("base64"))));
  return startRawGrpc(scratch, file);
}

async function readEvents(address: string): Promise<Event[]> {
  const client = new ActivityEventsClient({ address, tls: false });
  try {
    const events: Event[] = [];
    const all = client.listEvents({ deploymentId: deploymentId(0), pageSize: 1_000 });
    for await (const event of all) events.push(event);
    return events;
  } finally {
    client.close();
  }
}
