// caught by: process-knows-no-program
export { show } from "@activity-events/client";
