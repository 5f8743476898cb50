// caught by: webhooks-use-the-client-library
export { main } from "@activity-events/run-service";
