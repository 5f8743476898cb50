#!/usr/bin/env node
// `activity_client` of a clone. Its sources need Node 24; under an older one tools/run.mjs runs them, as `npm run client` does, and
// installs no more than that.
import { fileURLToPath } from "node:url";

const main = new URL("src/main.ts", import.meta.url);
if (Number(process.versions.node.split(".")[0]) >= 24) {
  await import(main.href);
} else {
  process.argv.splice(2, 0, "running", fileURLToPath(main));
  await import("../tools/run.mjs");
}
