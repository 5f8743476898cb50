// caught by: access-knows-no-program
export { send } from "@activity-events/client";
