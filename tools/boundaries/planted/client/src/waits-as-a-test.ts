// caught by: production-imports-no-tests
export { until } from "@activity-events/testing/until";
