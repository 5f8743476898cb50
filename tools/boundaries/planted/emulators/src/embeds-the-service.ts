// caught by: launcher-starts-processes
export { main } from "@activity-events/run-service";
