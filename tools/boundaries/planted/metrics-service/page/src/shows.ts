// caught by: page-runs-in-a-browser
export { show } from "@activity-events/client";
