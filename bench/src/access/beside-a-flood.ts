import { setTimeout as sleep } from "node:timers/promises";
import type { Contender } from "../contender.ts";
import type { RoundReport } from "../loads/load.ts";
import { startLoad } from "../loads/start-load.ts";
import { startGuardedService } from "../servers/guarded-service.ts";
import { othersTerritory, othersToken, producersTerritory } from "./bench-access.ts";

/** Time between the producer's calls, in ms: 140 a second, fewer than its share. */
const everyMs = 7;

const floodInFlight = 128;

/** Time that a flood lasts before the producer is measured, in ms. */
const leadMs = 500;

interface BesideOptions {
  readonly key: string;
  readonly title: string;
  /** Whether another principal floods the service. */
  readonly isFlooded: boolean;
  /** Share of each principal; undefined: no limit. */
  readonly callsPerSecond?: number;
}

/** CreateEvent of a producer, 1 in flight: p99 while another principal calls as fast as it is answered. */
export function besideAFlood({ key, title, isFlooded, callsPerSecond }: BesideOptions): Contender {
  const settings = callsPerSecond === undefined ? {} : { PRINCIPAL_CALLS_PER_SECOND: `${callsPerSecond}` };
  return {
    measures: [
      { key: `${key}-p99`, title: `${title}, p99`, unit: "ms" },
      ...(isFlooded
        ? [{ key: `${key}-flood`, title: "calls of the flood, answered or refused", unit: "calls/s" as const }]
        : []),
    ],
    async open(scratch) {
      const { address, token, stop } = await startGuardedService(scratch, { proof: "static", settings });
      const producer = await startLoad(scratch, "create-event", {
        ...producersTerritory,
        address,
        token,
        inFlight: 1,
        everyMs,
      });
      const flood = isFlooded
        ? await startLoad(scratch, "create-event", {
            ...othersTerritory,
            address,
            token: othersToken,
            inFlight: floodInFlight,
            exceedsShare: true,
          })
        : undefined;
      return {
        async round(ms) {
          const flooding = flood?.round(leadMs + ms);
          // The first calls of a flood are within its share.
          await sleep(leadMs);
          const { latency } = await producer.round(ms);
          const flooded = await flooding;
          return { values: [latency.p99, ...(flooded === undefined ? [] : [callsPerSecondOf(flooded)])], latency };
        },
        verify: async () => [...(await producer.verify()), ...((await flood?.verify()) ?? [])],
        async close() {
          await producer.stop();
          await flood?.stop();
          await stop();
        },
      };
    },
  };
}

function callsPerSecondOf({ operations, elapsedMs }: RoundReport): number {
  return (operations * 1_000) / elapsedMs;
}
