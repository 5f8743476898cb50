import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import { readConfig } from "../src/config/config.ts";
import { parseConfigFile } from "../src/config/parse-config-file.ts";
import { configFileSetting, settings } from "../src/config/settings.ts";

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "configuration.md"), "utf8");

test("docs/configuration.md names every setting of the service, in the order of --help, with its default", () => {
  const [table = ""] = page.split("\n## ");
  const plain = (text: string) => text.replaceAll("`", "").toLowerCase();
  const rows = [...table.matchAll(/^\| `(\w+)` \| (.+?) \|/gm)].map(([, name, value = ""]) => [name, plain(value)]);

  expect(rows).toEqual([...settings, configFileSetting].map(({ name, default: value }) => [name, plain(value)]));
});

test("the files of docs/configuration.md are files that the service takes", () => {
  const [file = "", manifests = ""] = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = ""]) => text);
  const [configMap] = parseAllDocuments(manifests);
  const [, template = ""] = /<<-EOT\n(.*?)^ *EOT$/ms.exec(page) ?? [];
  const rendered = template.replaceAll(/\{\{ keyOrDefault "\S+" "(\S+)" \}\}/g, "$1");
  const files = [file, configMap?.toJS().data["config.yaml"], rendered];

  const taken = files.map((text) => readConfig({}, false, parseConfigFile("config.yaml", text).file));

  expect(taken).toMatchObject([
    { logLevel: "debug", heartbeatIntervalMs: 5_000 },
    { logLevel: "debug", heartbeatIntervalMs: 5_000 },
    { logLevel: "info", heartbeatIntervalMs: 15_000 },
  ]);
});
