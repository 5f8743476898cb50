import type { Contender, Measure, OpenContender, Round } from "./contender.ts";
import type { LoadOptions, RoundReport } from "./loads/load.ts";
import type { LoadKind } from "./loads/open-load.ts";
import { startLoad } from "./loads/start-load.ts";
import { cpuUs } from "./process-cost.ts";
import type { Scratch } from "./scratch.ts";
import type { Server } from "./servers/server.ts";

interface LoadContenderOptions {
  readonly rows: readonly LoadRow[];
  readonly start: (scratch: Scratch) => Promise<Server>;
  readonly load: LoadKind;
  readonly options: Omit<LoadOptions, "address" | "token">;
}

interface LoadRow extends Measure {
  readonly of: (report: RoundReport) => number;
}

/** A server with one load on it. */
export function loadContender({ rows, start, load: kind, options }: LoadContenderOptions): Contender {
  return {
    measures: rows,
    async open(scratch): Promise<OpenContender> {
      const server = await start(scratch);
      const load = await startLoad(scratch, kind, { ...options, address: server.address, token: server.token });
      return {
        async round(ms): Promise<Round> {
          const before = server.pid && cpuUs(server.pid);
          const report = await load.round(ms);
          const after = server.pid && cpuUs(server.pid);
          const { operations, latency } = report;
          const serverUs = before !== undefined && after !== undefined ? (after - before) / operations : undefined;
          const cpu = { clientUs: report.cpuUs / operations, serverUs };
          return { values: rows.map(({ of }) => of(report)), latency, cpu };
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

/** Row of a load's throughput, in events/s. */
export function eventsPerSecond(key: string, title: string): readonly [LoadRow] {
  return [{ key, title, unit: "events/s", of: ({ operations, elapsedMs }) => (operations * 1_000) / elapsedMs }];
}
