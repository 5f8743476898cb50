// A test may use what is for tests.
export { until } from "@activity-events/testing/until";
