import { openLog } from "@activity-events/process/log";
import { http } from "@google-cloud/functions-framework";
import { readConfig } from "./config/config.ts";
import { handleRequest } from "./http/handle-request.ts";
import { Webhooks } from "./webhooks.ts";

// The webhooks as a Cloud Run function. On SIGTERM functions-framework exits at once: a sender that got no answer repeats its
// notification, or has it in the inbox.

const config = readConfig(process.env, false);
const { logger } = await openLog(config);

http("webhooks", handleRequest(new Webhooks(config, logger)));
