import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";

const execute = promisify(execFile);
const root = join(import.meta.dirname, "..", "..");
const page = readFileSync(join(root, "docs", "tls.md"), "utf8");

test("the lines of docs/tls.md make certificates, start the service with them, and reach it", async () => {
  using folder = temporaryFolder();
  const [make = "", start = "", reach = ""] = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = ""]) => text);
  const run = async (script: string) => (await execute("bash", ["-euc", script], { cwd: folder.path })).stdout;

  await run(make);
  const environment = Object.fromEntries(
    [...start.matchAll(/(TLS_\w+)=(\S+)/g)].map(([, name = "", file = ""]) => [name, join(folder.path, file)]),
  );
  await using service = new ServiceProcess({ environment });
  const { address, security } = await service.line(({ message }) => message === "listening");
  const client = `activity_client() { '${process.execPath}' '${join(root, "cli", "src", "main.ts")}' "$@"; }\n`;
  const health = await run(client + reach.replace("localhost:50051", `${address}`.replace("127.0.0.1", "localhost")));

  expect(Object.keys(environment)).toEqual(["TLS_CERT_FILE", "TLS_KEY_FILE", "TLS_CLIENT_CA_FILE"]);
  expect([security, health]).toEqual(["mutual-tls", "SERVING\n"]);
});
