import { openMirrorStore } from "@activity-events/event-store";
import { http } from "@google-cloud/functions-framework";
import { readConfig } from "./config.ts";
import { handleRequest } from "./handle-request.ts";
import { limits } from "./limits.ts";
import { openLog } from "./log.ts";
import { pokesOn } from "./poke.ts";
import { openPublisher } from "./publisher.ts";

// On SIGTERM functions-framework answers the latest request with 500 and exits at once. A run may die at any point, so
// this needs no handling: Pub/Sub redelivers the message, and some events are published again.

const config = readConfig(process.env);
const { projectId, databaseId, pokeTopic, eventsTopic, pubsubEndpoint, runEventsMax } = config;
const store = await openMirrorStore({ projectId, databaseId });
const publisher = await openPublisher({ projectId, endpoint: pubsubEndpoint });

http(
  "mirror",
  handleRequest({
    store,
    publisher,
    eventsTopic,
    poke: pokesOn(pokeTopic, publisher),
    logger: openLog(config.logLevel),
    clock: Date.now,
    limits: { ...limits, runEventsMax },
  }),
);
