// caught by: delivery-metrics-are-computed-from-heads
export { show } from "@activity-events/client";
