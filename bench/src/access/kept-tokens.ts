import { readFile } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Access } from "@activity-events/access/access";
import { parseAccessFile } from "@activity-events/access/parse-access-file";
import type { Contender } from "../contender.ts";
import { bearer, writeAccess } from "./bench-access.ts";

interface KeptOptions {
  readonly key: string;
  readonly title: string;
  /** At most as many as an instance keeps. */
  readonly tokens: number;
}

/** Memory of issuers' tokens that were verified and are kept, in KB each. Without a server. */
export function keptTokens({ key, title, tokens }: KeptOptions): Contender {
  return {
    measures: [{ key, title, unit: "KB" }],
    async open(scratch) {
      const { path, token } = await writeAccess(scratch);
      const rules = parseAccessFile(await readFile(path, "utf8"), { path, isCloudRun: false });
      const credentials = Array.from({ length: tokens }, (_, id) => bearer(token("ES256", `${id}`)));
      const collect = garbageCollector();
      const faults: string[] = [];
      return {
        async round() {
          const access = new Access(rules);
          // In a turn of its own, which holds nothing of the round before.
          await turn();
          collect();
          const before = process.memoryUsage().heapUsed;
          for (const one of credentials) await access.authenticate(one);
          collect();
          const grown = process.memoryUsage().heapUsed - before;
          const forgotten = credentials.filter((one) => access.authenticate(one) instanceof Promise).length;
          if (forgotten > 0) faults.push(`${forgotten} of ${tokens} tokens were forgotten`);
          return { values: [grown / 1e3 / tokens] };
        },
        verify: async () => faults,
        close: async () => {},
      };
    },
  };
}

function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
