// caught by: topic-knows-the-contract
export { send } from "@activity-events/client";
