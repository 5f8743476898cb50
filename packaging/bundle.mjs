// A first run, made here, fills .compiled in each program's folder with V8's compiled code. Another version of Node, or
// another machine, ignores it.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundlePrograms } from "./bundle-programs.mjs";
import { emptyFolder } from "./empty-folder.mjs";
import { scriptArguments } from "./script-arguments.mjs";
import { scriptMessages } from "./script-messages.mjs";
import { thirdPartyLicenses } from "./third-party-licenses.mjs";

const { fail } = scriptMessages("bundle");
const root = join(import.meta.dirname, "..");
const { positionals } = scriptArguments("bundle", {
  usage: `Usage: npm run bundle [-- FOLDER]

Bundles the programs into FOLDER or dist. Each includes everything from this repository and node_modules, so that Node alone
runs it from any folder:

  service/activity_server.cjs and the chunks that it loads on demand
  client/activity_client.cjs
  page/activity_page.cjs
  webhooks/activity_webhooks.cjs and the chunks that it loads on demand
  LICENSE, and THIRD-PARTY-LICENSES of the bundled packages`,
});
const folder = resolve(positionals[0] ?? join(root, "dist"));
const programs = {
  service: { activity_server: "run-service/src/main.ts" },
  client: { activity_client: "cli/src/main.ts" },
  page: { activity_page: "metrics-service/src/main.ts" },
  webhooks: { activity_webhooks: "functions/webhooks/src/main.ts" },
};
const [server, client, page, webhooks] = Object.entries(programs).flatMap(([part, entries]) =>
  Object.keys(entries).map((name) => join(folder, part, `${name}.cjs`)),
);

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
  await runOnce(server, { STORE: "sqlite" }, addEvent);
  // Nothing listens there; the run only has to load all code.
  const emulator = { GOOGLE_CLOUD_PROJECT: "none", FIRESTORE_EMULATOR_HOST: "127.0.0.1:1" };
  await runOnce(server, { STORE: "firestore", ...emulator }, addEvent);
  await runOnce(page, { ACTIVITY_ADDRESS: "127.0.0.1:1" }, openPage);
  await runOnce(webhooks, { ACTIVITY_ADDRESS: "127.0.0.1:1" }, sendEvent);
} finally {
  rmSync(scratch, { recursive: true });
}
// Node makes them readable only for its own user, but another user may run the programs.
for (const file of globSync("*/.compiled/**/*", { cwd: folder, withFileTypes: true })) {
  chmodSync(join(file.parentPath, file.name), file.isDirectory() ? 0o755 : 0o644);
}

/** Starts a program, uses it once where it listens, and stops it. */
async function runOnce(program, environment, use) {
  // Without NODE_V8_COVERAGE, which changes how V8 compiles.
  const nowhere = { PUBSUB_EMULATOR_HOST: "127.0.0.1:1", METADATA_SERVER_DETECTION: "none", NODE_V8_COVERAGE: "" };
  const env = {
    PORT: "0",
    PAGE_PORT: "0",
    WEBHOOKS_PORT: "0",
    LOG_FORMAT: "json",
    DATA_DIR: scratch,
    ...nowhere,
    ...environment,
  };
  const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "pipe", "inherit"], timeout: 30_000 });
  let output = "";
  let used = false;
  child.stdout.setEncoding("utf8").on("data", async (text) => {
    output += text;
    const [, place] = /"(?:address|url)":"([^"]+)".*"listening"/.exec(output) ?? [];
    if (place === undefined || used) return;
    used = true;
    await use(place);
    child.kill("SIGTERM");
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${output}`);
}

/** Records an event, if the store is there. */
function addEvent(address) {
  const add = ["--address", address, "--timeout", "1", "add", "--deployment-id", "d", "--message", "m"];
  return new Promise((resolve) => execFile(process.execPath, [client, ...add], resolve));
}

/** Loads the page and, from a service that is not there, its deployments. */
async function openPage(url) {
  for (const path of ["/", "/api/deployments", "/metrics"]) {
    await fetch(`${url}${path}`, { signal: AbortSignal.timeout(1_000) }).catch(() => {});
  }
}

/** Sends a CloudEvent for a service that is not there. */
async function sendEvent(url) {
  const attributes = { "ce-specversion": "1.0", "ce-type": "t", "ce-id": "e", "ce-source": "s", "ce-subject": "d" };
  const headers = { "content-type": "application/json", ...attributes };
  const options = { method: "POST", headers, body: "{}", signal: AbortSignal.timeout(1_000) };
  await fetch(`${url}/cloudevents`, options).catch(() => {});
}
