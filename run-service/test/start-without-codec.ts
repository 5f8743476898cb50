// The service on the port that is given, of which nothing that answers calls can be loaded.
import { openEventStore } from "@activity-events/event-store";
import { readConfig } from "../src/config.ts";
import { startService } from "../src/service.ts";

const config = readConfig({ STORE: "memory", PORT: process.argv[2] }, false);
const store = await openEventStore(config.store, () => []);
try {
  await startService({
    config,
    store,
    onCodec: () => {
      throw new Error("there is no codec");
    },
  });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`, () => process.exit(1));
}
