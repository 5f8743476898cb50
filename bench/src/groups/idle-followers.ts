import type { Group } from "../contender.ts";
import { fillStore } from "../fill-store.ts";
import { startLoad } from "../loads/start-load.ts";
import { residentBytesAtRest } from "../resident-bytes-at-rest.ts";
import { startActivityService } from "../servers/activity-service.ts";
import { settledResidentBytes } from "../settled-resident-bytes.ts";

const deployments = 5_000;

/** Memory of idle followers. */
export function idleFollowers(): Group {
  return {
    name: "followers",
    title: "5,000 idle followers of 5,000 deployments over 50 connections",
    contenders: [
      {
        measures: [{ key: "followers/each", title: "growth of resident memory, each", unit: "KB" }],
        async open(scratch) {
          const dataDir = await scratch.folder("followed");
          const filling = await startActivityService(scratch, { dataDir });
          await fillStore(filling.address, { deployments, eventsEach: 1 });
          await filling.stop();
          const faults: string[] = [];
          return {
            async round() {
              const { address, pid, stop } = await startActivityService(scratch, { dataDir });
              const before = await settledResidentBytes(pid);
              const load = await startLoad(scratch, "idle-followers", { address, inFlight: deployments, deployments });
              await load.round(0);
              const grown = (await residentBytesAtRest(pid)) - before;
              faults.push(...(await load.verify()));
              await load.stop();
              await stop();
              return { values: [grown / 1e3 / deployments] };
            },
            verify: async () => faults,
            close: async () => {},
          };
        },
      },
    ],
  };
}
