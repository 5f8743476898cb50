import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { runClient } from "./running-client.ts";

const rules = `issuers:
  - {issuer: "https://login.acme.example", audience: a, domains: [acme.example], groups_claim: groups}
bindings:
  - {role: admin, members: [user:root@acme.example]}
  - {role: reader, members: [domain:acme.example]}
  - {role: editor, members: [group:ops], prefixes: [shop-, pay-]}
`;

async function check(text: string, ...args: readonly string[]) {
  using folder = temporaryFolder();
  const file = join(folder.path, "access.yaml");
  writeFileSync(file, text);
  const result = await runClient({ args: ["access", "check", "--file", file, ...args] });
  const shown = (written: string) => written.replaceAll(file, "access.yaml");
  return { exitCode: result.exitCode, output: shown(result.output), errors: shown(result.errors) };
}

test("says that a file is good", async () => {
  expect(await check(rules)).toEqual({ exitCode: 0, output: "access.yaml is good.\n", errors: "" });
});

test("names each fault of a file with its line, with exit code 2", async () => {
  const { exitCode, output, errors } = await check(rules.replace("reader", "reeder").replace("issuers", "issuer"));

  expect(exitCode).toBe(2);
  expect(output).toBe("");
  expect(errors).toBe(
    [
      "activity_client: access.yaml:5:12: bindings[1].role must be one of reader, writer, editor, admin",
      "access.yaml:2:3: issuer is unknown; did you mean issuers?\n",
    ].join("\n"),
  );
});

test("explains what a file permits somebody on a deployment, and by which bindings", async () => {
  const mira = ["--as", "user:mira@acme.example", "--group", "ops"];
  const [inside, outside] = await Promise.all(
    ["shop-42", "web-1"].map((id) => check(rules, ...mira, "--deployment-id", id, "--may", "write")),
  );

  expect(inside).toEqual({
    exitCode: 0,
    output: [
      "user:mira@acme.example may read, record events of shop-42.",
      "  bindings[1]: reader of all deployments, as domain:acme.example",
      "  bindings[2]: editor of deployments that begin with shop-, as group:ops\n",
    ].join("\n"),
    errors: "",
  });
  expect(outside).toEqual({
    exitCode: 1,
    output: [
      "user:mira@acme.example may read web-1.",
      "  bindings[1]: reader of all deployments, as domain:acme.example",
      "  bindings[2]: editor of deployments that begin with shop-, pay-, as group:ops; this is none of them\n",
    ].join("\n"),
    errors: "activity_client: user:mira@acme.example may not record events of web-1.\n",
  });
});

test("explains in JSON, for whom no binding holds as well", async () => {
  const { output } = await check(rules, "--as", "all", "--deployment-id", "d", "--json");
  const root = await check(rules, "--as", "user:root@acme.example", "--deployment-id", "d", "--json");
  const nobody = await check(rules, "--as", "all", "--deployment-id", "d");

  expect(JSON.parse(output)).toEqual({ principal: "all", deploymentId: "d", permissions: [], reasons: [] });
  expect(JSON.parse(root.output)).toMatchObject({
    permissions: ["read", "write", "admin"],
    reasons: [{ binding: 0 }, { binding: 1 }],
  });
  expect(nobody.output).toBe("all may do nothing to d.\n  No binding has it as a member.\n");
});

test.each([
  [["--as", "user:a"], "give both --as and --deployment-id"],
  [["--may", "read"], "give both --as and --deployment-id"],
  [["--as", "mira", "--deployment-id", "d"], "--as must be user:, serviceAccount:, token: or certificate:"],
  [["--as", "all", "--deployment-id", "d", "--may", "delete"], "Allowed choices are read, write, admin"],
])("refuses %j", async (args, words) => {
  const { exitCode, errors } = await check(rules, ...args);

  expect(exitCode).toBe(2);
  expect(errors).toContain(words);
});
