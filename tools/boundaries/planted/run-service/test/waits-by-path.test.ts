// caught by: tests-meet-by-name
export { until } from "../../testing/src/until.ts";
