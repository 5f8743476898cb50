// caught by: demo-uses-the-client-library
export { main } from "@activity-events/run-service";
