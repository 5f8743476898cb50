// caught by: deployables-never-meet
import { show } from "@activity-events/client";

export const mirror = show;
