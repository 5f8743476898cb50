// caught by: deployables-never-meet
export { main } from "@activity-events/run-service";
