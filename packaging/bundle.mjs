// `npm run bundle [FOLDER]`: bundles the programs into dist. Each includes everything from this repository and
// node_modules, so that Node alone runs it from any folder:
//   service/activity_server.cjs and the chunks that it loads on demand
//   client/activity_client.cjs
//   LICENSE, and THIRD-PARTY-LICENSES of the bundled packages
// A first run, made here, fills .compiled in each program's folder with V8's compiled code. Another version of Node, or
// another machine, ignores it.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundlePrograms } from "./bundle-programs.mjs";
import { emptyFolder } from "./empty-folder.mjs";
import { scriptMessages } from "./script-messages.mjs";
import { thirdPartyLicenses } from "./third-party-licenses.mjs";

const { fail } = scriptMessages("bundle");
const root = join(import.meta.dirname, "..");
const folder = resolve(process.argv[2] ?? join(root, "dist"));
const programs = {
  service: { activity_server: "run-service/src/main.ts" },
  client: { activity_client: "cli/src/main.ts" },
};
const [server, client] = [join(folder, "service/activity_server.cjs"), join(folder, "client/activity_client.cjs")];

const sources = new Set();
for (const [part, entries] of Object.entries(programs)) {
  const target = join(folder, part);
  const bundled = await bundlePrograms(entries);
  for (const source of bundled.sources) sources.add(source);
  emptyFolder(target, fail);
  for (const [file, content] of bundled.files) writeFileSync(join(target, file), content);
  for (const name of Object.keys(entries)) process.stdout.write(`${join(target, `${name}.cjs`)}\n`);
}
copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
writeFileSync(join(folder, "THIRD-PARTY-LICENSES"), thirdPartyLicenses(sources));
const scratch = mkdtempSync(join(tmpdir(), "activity-events-bundle-"));
try {
  await runOnce({ STORE: "sqlite" });
  // Nothing listens there; the run only has to load all code.
  await runOnce({ STORE: "firestore", GOOGLE_CLOUD_PROJECT: "none", FIRESTORE_EMULATOR_HOST: "127.0.0.1:1" });
} finally {
  rmSync(scratch, { recursive: true });
}
// Node makes them readable only for its own user, but another user may run the programs.
for (const file of globSync("*/.compiled/**/*", { cwd: folder, withFileTypes: true })) {
  chmodSync(join(file.parentPath, file.name), file.isDirectory() ? 0o755 : 0o644);
}

/** Starts the service, calls it to record an event, and stops it. */
async function runOnce(environment) {
  // Without NODE_V8_COVERAGE, which changes how V8 compiles.
  const nowhere = { PUBSUB_EMULATOR_HOST: "127.0.0.1:1", METADATA_SERVER_DETECTION: "none", NODE_V8_COVERAGE: "" };
  const env = { PORT: "0", LOG_FORMAT: "json", DATA_DIR: scratch, ...nowhere, ...environment };
  const child = spawn(process.execPath, [server], { env, stdio: ["ignore", "pipe", "inherit"], timeout: 30_000 });
  let output = "";
  let asked = false;
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
    const [, address] = /"address":"([^"]+)".*"listening"/.exec(output) ?? [];
    if (address === undefined || asked) return;
    asked = true;
    const add = ["--address", address, "--timeout", "1", "add", "--deployment-id", "d", "--message", "m"];
    execFile(process.execPath, [client, ...add], () => child.kill("SIGTERM"));
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the bundled service ended with ${code}: ${output}`);
}
