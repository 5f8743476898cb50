import type { Contender, Measure, OpenContender, Round } from "./contender.ts";
import type { LoadOptions, RoundReport } from "./loads/load.ts";
import type { LoadKind } from "./loads/open-load.ts";
import { startLoad } from "./loads/start-load.ts";
import { cpuUs } from "./process-cost.ts";
import type { Scratch } from "./scratch.ts";
import type { Server } from "./servers/server.ts";

interface LoadContenderOptions {
  readonly key: string;
  readonly title: string;
  readonly unit: Measure["unit"];
  /** What of a round is the row's value; operations a second when it is unset. */
  readonly measured?: (report: RoundReport) => number;
  readonly start: (scratch: Scratch) => Promise<Server>;
  readonly load: LoadKind;
  readonly options: Omit<LoadOptions, "address">;
}

/** A server of its own with one load on it. */
export function loadContender({ key, title, unit, measured = rateOf, ...how }: LoadContenderOptions): Contender {
  return {
    measures: [{ key, title, unit }],
    async open(scratch): Promise<OpenContender> {
      const server = await how.start(scratch);
      const load = await startLoad(scratch, how.load, { ...how.options, address: server.address });
      return {
        async round(ms): Promise<Round> {
          const before = cpuUs(server.pid);
          const report = await load.round(ms);
          const serverUs = cpuUs(server.pid) - before;
          const { operations, latency } = report;
          const cpu = { clientUs: report.cpuUs / operations, serverUs: serverUs / operations };
          return { values: [measured(report)], latency, cpu };
        },
        verify: () => load.verify(),
        async close() {
          await load.stop();
          await server.stop();
        },
      };
    },
  };
}

function rateOf({ operations, elapsedMs }: RoundReport): number {
  return (operations * 1_000) / elapsedMs;
}
