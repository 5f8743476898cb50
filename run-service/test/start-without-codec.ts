// The service on the port that is given, of which nothing that answers calls can be loaded.
import { openEventStore } from "@activity-events/event-store";
import { readConfig } from "../src/config.ts";
import { contentCodec } from "../src/content-codec.ts";
import { ScrubLog } from "../src/scrub-log.ts";
import { startService } from "../src/service.ts";

const config = readConfig({ STORE: "memory", PORT: process.argv[2] }, false);
const store = await openEventStore(config.store, contentCodec);
Object.assign(contentCodec, {
  load: async () => {
    throw new Error("there is no codec");
  },
});
try {
  await startService({ config, store, scrubs: new ScrubLog() });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`, () => process.exit(1));
}
