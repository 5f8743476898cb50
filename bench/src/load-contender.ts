import type { Contender, Measure, OpenContender, Round } from "./contender.ts";
import type { LoadOptions } from "./loads/load.ts";
import type { LoadKind } from "./loads/open-load.ts";
import { startLoad } from "./loads/start-load.ts";
import { cpuUs } from "./process-cost.ts";
import type { Scratch } from "./scratch.ts";
import type { Server } from "./servers/server.ts";

interface LoadContenderOptions {
  readonly key: string;
  readonly title: string;
  readonly unit: Measure["unit"];
  readonly start: (scratch: Scratch) => Promise<Server>;
  readonly load: LoadKind;
  readonly options: Omit<LoadOptions, "address">;
}

/** A server of its own with one load on it: how many operations a second it answers. */
export function loadContender({ key, title, unit, start, load, options }: LoadContenderOptions): Contender {
  return {
    measures: [{ key, title, unit }],
    async open(scratch): Promise<OpenContender> {
      const server = await start(scratch);
      const started = await startLoad(scratch, load, { ...options, address: server.address });
      return {
        async round(ms): Promise<Round> {
          const before = cpuUs(server.pid);
          const { operations, elapsedMs, latency, cpuUs: clientUs } = await started.round(ms);
          const serverUs = cpuUs(server.pid) - before;
          return {
            values: [(operations * 1_000) / elapsedMs],
            latency,
            cpu: { clientUs: clientUs / operations, serverUs: serverUs / operations },
          };
        },
        verify: () => started.verify(),
        async close() {
          await started.stop();
          await server.stop();
        },
      };
    },
  };
}
