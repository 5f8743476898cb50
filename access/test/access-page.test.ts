import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { fileSchema, itemNames } from "../src/file-schema.ts";
import { grantsOf } from "../src/grants.ts";
import { parseAccessFile } from "../src/parse-access-file.ts";
import { roles } from "../src/roles.ts";

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "access.md"), "utf8");
const files = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)]
  .map(([, text = ""]) => text)
  .filter((text) => /^bindings:/m.test(text));

const rulesOf = (text: string) =>
  parseAccessFile(text, { path: "access.yaml", isCloudRun: /issuer: cloud-run/.test(text) });

test("the files of docs/access.md are access files, and the one for Cloud Run is one there alone", () => {
  const [tokens, issuers, cloudRun, cluster] = files.map(rulesOf);

  expect(files).toHaveLength(4);
  expect(tokens?.tokens.map(({ name }) => name)).toEqual(["pipeline", "ada"]);
  expect(issuers?.issuers.map(({ names }) => names)).toEqual([
    { by: "subject", prefix: "github:" },
    { by: "email", domains: ["acme.example"] },
  ]);
  expect(cloudRun?.cloudRun).toEqual({ audiences: ["https://activity-events.my-project"] });
  expect(cluster?.issuers.map(({ issuer }) => issuer)).toEqual(["https://kubernetes.default.svc.cluster.local"]);
  expect(() => parseAccessFile(files[2] ?? "", { path: "access.yaml", isCloudRun: false })).toThrow(
    "cloud-run works on Cloud Run alone",
  );
});

test("the team of docs/access.md writes its own deployments alone, and everybody of the company reads", () => {
  const { bindings } = rulesOf(files[1] ?? "");
  const grantsTo = (...names: string[]) =>
    grantsOf(bindings.filter(({ members }) => members.some((member) => names.includes(member))));

  expect(grantsTo("serviceAccount:github:repo:acme/shop:environment:production")).toEqual({
    read: [],
    write: ["gh:acme:shop:", "shop-"],
    admin: [],
  });
  expect(grantsTo("group:team-shop", "domain:acme.example")).toMatchObject({
    read: "all",
    write: ["gh:acme:shop:", "shop-"],
  });
  expect(grantsTo("group:platform")).toEqual({ read: "all", write: "all", admin: "all" });
});

test("docs/access.md explains every key of an issuer, every role and every member, and no others", () => {
  const firstCells = (heading: string) => {
    const [, rows = ""] = new RegExp(`^\\| ${heading} \\|.*\n\\|[-|]+\n((?:\\|.*\n)+)`, "m").exec(page) ?? [];
    return [...rows.matchAll(/^\| `([\w-]+)/gm)].map(([, name]) => name);
  };

  expect(new Set(firstCells("Key"))).toEqual(new Set(itemNames.issuers));
  expect(firstCells("Role")).toEqual(roles);
  expect(firstCells("Member")).toEqual([
    ...["user", "serviceAccount", "domain", "group", "certificate", "token", "allAuthenticated", "all"],
  ]);
  for (const list of Object.keys(fileSchema.shape)) expect(page).toContain(`\n${list}:\n`);
});
