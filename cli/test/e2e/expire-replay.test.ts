import { cleanUp } from "@activity-events/testing/running-service";
import { afterAll, afterEach, expect, test } from "@jest/globals";
import { startAdministered } from "./filled-service.ts";
import { call, oldExport, record, startWith } from "./old-export.ts";
import { endClients, runClient } from "./running-client.ts";

afterEach(endClients);
afterAll(cleanUp);

test("expire shows what is over and purges it, and leaves the rest", async () => {
  const old = await oldExport("old");
  await using service = await startWith(old, { fresh: ["fresh"], rule: "prod=30" });

  const unasked = await call(service, "expire");
  const dry = await call(service, "expire --dry-run");
  const untouched = await call(service, "get old e");
  const expired = await call(service, "expire --yes");
  const again = await call(service, "expire --yes --json");
  const gone = await call(service, "get old e");
  const kept = await call(service, "get fresh e");

  const row = "old\tprod\t2020-01-01T00:00:00.000Z\t";
  expect(unasked).toMatchObject({ exitCode: 2, output: "", errors: expect.stringContaining("--yes") });
  expect(dry).toEqual({
    exitCode: 0,
    output: `${row}2\twould be purged\n`,
    errors: "activity_client: A dry run: 1 deployment with 2 events would be purged; the time of 1 of 2 is over.\n",
  });
  expect(untouched.exitCode).toBe(0);
  expect(expired).toEqual({
    exitCode: 0,
    // The event that tells of the purge goes too.
    output: `${row}2\tpurged\n`,
    errors: "activity_client: 1 deployment with 2 events purged; the time of 1 of 2 is over.\n",
  });
  expect(JSON.parse(again.output)).toEqual({ summary: { deployments: "1" } });
  expect(gone).toMatchObject({ exitCode: 3, errors: expect.stringContaining("DEPLOYMENT_PURGED: ") });
  expect(kept.exitCode).toBe(0);
});

test("expire refuses more than a tenth of all deployments without --any-share", async () => {
  const old = await oldExport("old-1", "old-2");
  await using service = await startWith(old, { fresh: ["fresh"], rule: "*=30" });

  const refused = await call(service, "expire --yes");
  const untouched = await call(service, "deployments");
  const expired = await call(service, "expire --yes --any-share");
  const left = await call(service, "deployments");

  expect(refused).toMatchObject({ exitCode: 4, output: "" });
  expect(refused.errors).toContain(
    "RETENTION_SHARE: the time of 2 of 3 deployments is over, and at most 1 are purged at once; a clock or a rule may be wrong",
  );
  expect(untouched.output.trimEnd().split("\n")).toHaveLength(3);
  expect(expired.exitCode).toBe(0);
  expect(expired.errors).toContain("2 deployments with 4 events purged; the time of 2 of 3 is over.");
  expect(left.output).toMatch(/^fresh\t.*\n$/);
});

test("expire purges nothing without a rule, and nothing for a caller who is no admin", async () => {
  await using service = await startWith(await oldExport("old"), { fresh: [] });

  const expired = await call(service, "expire --yes");
  const denied = await runClient({ args: ["expire", "--yes"], address: service.address });

  expect(expired).toEqual({
    exitCode: 0,
    output: "",
    errors: "activity_client: 0 deployments with 0 events purged; the time of 0 of 1 is over.\n",
  });
  expect(denied).toMatchObject({ exitCode: 1, errors: expect.stringContaining("CREDENTIALS_MISSING: ") });
});

test("replay of a store without a topic is refused, and names forward", async () => {
  await using service = await startAdministered();
  await record(service, "d");

  const one = await call(service, "replay d --from 1");
  const all = await call(service, "replay --since 2h --json");

  for (const refused of [one, all]) {
    expect(refused).toMatchObject({ exitCode: 4, output: "" });
    expect(refused.errors).toMatch(/^activity_client: NO_MIRROR: .*activity_client forward/);
  }
});

test.each([
  ["replay", "Name a deployment, or give --since."],
  ["replay d --since 2h", "--since replays all deployments; it excludes the id of one."],
  ["replay --since 2h --to 3", "--from and --to are of one deployment; name it."],
])("%s is a mistake", async (line, said) => {
  const refused = await runClient({ args: line.split(" ") });

  expect(refused).toMatchObject({ exitCode: 2, output: "", errors: expect.stringContaining(said) });
});
