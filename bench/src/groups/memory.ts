import {
  ActivityEventsService,
  ListEventsRequestSchema,
  ListEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Contender, Group } from "../contender.ts";
import { deploymentId } from "../event-template.ts";
import { openRawChannel, rawUnary } from "../loads/raw-channel.ts";
import { copyMillion, million } from "../million-events.ts";
import { residentBytesAtRest } from "../resident-bytes-at-rest.ts";
import { startActivityService } from "../servers/activity-service.ts";
import { settledResidentBytes } from "../settled-resident-bytes.ts";

const lists = 1_000;
const pageSize = 100;

/** Memory of a process on a store of a million events. */
export function memory(): Group {
  return { name: "memory", title: "Resident memory of a fresh process", contenders: [listing(), bareNode()] };
}

function listing(): Contender {
  return {
    measures: [{ key: "memory/ours", title: "the service on 1,000,000 events, after 1,000 lists of 100", unit: "MB" }],
    async open(scratch) {
      const dataDir = await copyMillion(scratch);
      const faults: string[] = [];
      return {
        async round() {
          const service = await startActivityService(scratch, { dataDir });
          faults.push(...(await listMany(service.address)));
          const bytes = await residentBytesAtRest(service.pid);
          await service.stop();
          return { values: [bytes / 1e6] };
        },
        verify: async () => faults,
        close: async () => {},
      };
    },
  };
}

async function listMany(address: string): Promise<string[]> {
  const channel = openRawChannel(address);
  const path = methodPath(ActivityEventsService.method.listEvents);
  const faults: string[] = [];
  for (let list = 0; list < lists; list += 1) {
    const asked = { deploymentId: deploymentId(list % million.deployments), pageSize };
    const request = toBinary(ListEventsRequestSchema, create(ListEventsRequestSchema, asked));
    const { events } = fromBinary(ListEventsResponseSchema, await rawUnary(channel, path, Buffer.from(request)));
    if (events.length !== pageSize) faults.push(`${asked.deploymentId}: a page of ${pageSize} holds ${events.length}`);
  }
  channel.close();
  return faults;
}

function bareNode(): Contender {
  return {
    measures: [{ key: "memory/node", title: "bare Node", unit: "MB" }],
    async open(scratch) {
      return {
        async round() {
          const node = scratch.start({ command: process.execPath, args: ["-e", "setInterval(() => {}, 1e6)"] });
          const bytes = await settledResidentBytes(node.pid);
          await node.stop();
          return { values: [bytes / 1e6] };
        },
        verify: async () => [],
        close: async () => {},
      };
    },
  };
}
