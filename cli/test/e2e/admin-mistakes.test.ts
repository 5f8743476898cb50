import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanUp } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { type AdministeredService, startAdministered } from "./filled-service.ts";
import { endClients, runClient } from "./running-client.ts";

let service: AdministeredService;
beforeAll(async () => {
  service = await startAdministered();
  for (const deploymentId of ["a", "b"]) {
    await service.admin.createEvent({ event: { deploymentId, eventId: "e", message: "m", environment: "prod" } });
  }
});
afterEach(endClients);
afterAll(cleanUp);

const call = (line: string) => {
  const { address, environment } = service;
  return runClient({ args: line.split(" "), address, environment });
};

test.each([
  ["purge --all --environment prod", "--all purges every deployment; it excludes filters."],
  ["purge a --all", "The ids of deployments cannot be combined with --all and filters."],
  ["purge -d a --prefix a", "The ids of deployments cannot be combined with --all and filters."],
  ["purge a --store x --yes", "--store confirms --all or a filter; deployments by their ids need --yes."],
  ["purge --all --yes --store x", "--store x: the name of the store is "],
  ["purge --service shop --yes", "Without a terminal to ask on, --all and filters need --store "],
  ["purge a", "purge cannot be undone; without a terminal to ask on it needs --yes."],
  ["purge", "Give the ids of the deployments"],
  ["redact a e", "redact cannot be undone; without a terminal to ask on it needs --yes."],
  ["redact a --yes", "Give the id of the event"],
  ["delete", "Give the ids of the deployments"],
  ["undelete", "Give the ids of the deployments"],
  ["expire", "expire cannot be undone; without a terminal to ask on it needs --yes."],
  ["import no-such-file", "no-such-file: cannot read it: "],
  ["import .", ": cannot read it: "],
  ["import --from-line 0", "--from-line"],
  ["export no-such-folder/file", "no-such-folder"],
])("%s is a mistake, and changes nothing", async (line, said) => {
  const refused = await call(line);

  expect(refused).toMatchObject({ output: "", errors: expect.stringContaining(said) });
  expect(refused.exitCode).not.toBe(0);
  expect((await call("deployments")).output.trimEnd().split("\n")).toHaveLength(2);
});

test("each admin call prints its answer as JSON, and unknown deployments are told one by one", async () => {
  const { output: deleted } = await call("delete a --json");
  const { output: shown } = await call("deployments --show-deleted --json");
  const { output: undeleted } = await call("undelete a --json");
  const unknown = await call("delete nope a never");
  const { output: back } = await call("undelete a");
  const { output: kept } = await call("undelete a a");
  const { output: dry } = await call("purge --prefix a --json");
  const file = join(temporaryFolder().path, "export");
  const { output: exported } = await call(`export ${file} --json`);
  const { output: imported } = await call(`import ${file} --json --dry-run`);

  expect(JSON.parse(deleted)).toMatchObject({ deployment: { deploymentId: "a", edits: "1" } });
  expect(shown).toContain('"standing":"DEPLOYMENT_STANDING_DELETED"');
  expect(JSON.parse(undeleted)).toMatchObject({ deployment: { deploymentId: "a", edits: "2" } });
  expect(unknown).toMatchObject({ exitCode: 3, output: "a\t1\tdeleted\n" });
  expect(unknown.errors).toMatch(/nope: DEPLOYMENT_NOT_FOUND.*\n.*never: DEPLOYMENT_NOT_FOUND.*\n.*1 of 3 deleted[.]/);
  expect(back).toBe("a\t1\tundeleted\n");
  expect(kept).toBe("a\t1\twas not deleted\n");
  expect(JSON.parse(dry)).toMatchObject({ deployment: { deploymentId: "a" }, eventsPurged: "2" });
  expect(JSON.parse(exported)).toEqual({ deployments: 2, events: 2 });
  expect(JSON.parse(imported)).toMatchObject({ events: 0, knownEvents: 2, deployments: 2, refusedDeployments: 0 });
});

test("an unreadable admin token is told with its file", async () => {
  const { path } = temporaryFolder();
  mkdirSync(join(path, "admin-token"));
  const unreadable = await runClient({
    args: ["delete", "a"],
    address: service.address,
    environment: { DATA_DIR: path },
  });
  const wrong = temporaryFolder().path;
  writeFileSync(join(wrong, "admin-token"), "wrong");
  const refused = await runClient({
    args: ["delete", "a"],
    address: service.address,
    environment: { DATA_DIR: wrong },
  });

  expect(unreadable).toMatchObject({ exitCode: 2, errors: expect.stringContaining("The admin token ") });
  expect(refused.exitCode).toBe(1);
  expect(refused.errors).toMatch(/CREDENTIALS_INVALID|PERMISSION_DENIED/);
});
