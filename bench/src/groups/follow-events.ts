import type { Group } from "../contender.ts";
import { loadContender } from "../load-contender.ts";
import { startActivityService } from "../servers/activity-service.ts";

const options = { inFlight: 1, deployments: 1 };

/** Time from a producer's answer to a follower's event, compared with the latency of the call. */
export function followEvents(): Group {
  return {
    name: "follow",
    title: "From the answer of CreateEvent to a follower, 1 in flight",
    contenders: [
      loadContender({
        rows: [
          { key: "follow/p50", title: "arrival after the answer, p50", unit: "ms", of: ({ latency }) => latency.p50 },
          { key: "follow/p99", title: "arrival after the answer, p99", unit: "ms", of: ({ latency }) => latency.p99 },
        ],
        start: startActivityService,
        load: "follow-arrivals",
        options,
      }),
      loadContender({
        rows: [
          {
            key: "follow/create",
            title: "CreateEvent's own latency, p50",
            unit: "ms",
            of: ({ latency }) => latency.p50,
          },
        ],
        start: startActivityService,
        load: "create-event",
        options,
      }),
    ],
  };
}
