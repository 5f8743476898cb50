// caught by: metrics-service-uses-the-client-library
export { main } from "@activity-events/run-service";
