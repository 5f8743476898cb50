import { openMirrorStore } from "@activity-events/event-store";
import { http } from "@google-cloud/functions-framework";
import { readConfig } from "./config.ts";
import { handleRequest } from "./handle-request.ts";
import { limits } from "./limits.ts";
import { openLog } from "./log.ts";
import { pokesOn } from "./poke.ts";
import { openPublisher } from "./publisher.ts";

// On SIGTERM functions-framework answers the latest request 500 and ends the process at once. A run may die at any point,
// so there is nothing to be done about it: what was under way is pushed again, and costs repeats.

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
