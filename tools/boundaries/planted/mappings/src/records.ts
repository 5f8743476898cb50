// caught by: mappings-know-no-program
export { main } from "@activity-events/run-service";
