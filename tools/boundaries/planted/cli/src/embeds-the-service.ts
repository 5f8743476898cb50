// caught by: command-line-uses-the-client-library
export { main } from "@activity-events/run-service";
