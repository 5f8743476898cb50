// Starts the emulators, says where they are in a line of JSON, and then does nothing more: a launcher to be ended.
import { startEmulators } from "../src/start-emulators.ts";

const emulators = await startEmulators({ environment: process.env, report: () => {} });
process.stdout.write(`${JSON.stringify(emulators)}\n`);
setInterval(() => {}, 1_000);
