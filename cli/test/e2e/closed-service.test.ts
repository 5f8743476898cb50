import { type ClosedServiceOptions, startClosedService } from "@activity-events/testing/closed-service";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

const named = "--run-service activity-events --region region --project project";

/** A closed service with the real one behind it, and how to call it. */
async function closedService(credentials: NonNullable<ClosedServiceOptions["credentials"]>) {
  const { address: target } = await startService({ dataDir: temporaryFolder().path });
  const closed = await startClosedService({ target, credentials });
  const call = (line: string, environment: Readonly<Record<string, string>> = {}) =>
    runClient({ args: line.split(" "), environment: { ...closed.environment, ...environment } });
  return { closed, call };
}

test("asks Cloud Run for the address, and every call carries an ID token for that service", async () => {
  const { closed, call } = await closedService("invoker");
  await using _ = closed;

  const added = await call(`${named} add --deployment-id d --event-id e --message m --service api`);
  const listed = await call(`${named} list --deployment-id d --json`);

  expect(added).toEqual({ exitCode: 0, output: "d\t1\te\trecorded\n", errors: "" });
  expect(JSON.parse(listed.output)).toMatchObject({ eventId: "e", service: "api" });
  expect(closed.authorizations.length).toBeGreaterThanOrEqual(2);
  for (const authorization of closed.authorizations) {
    const payload = Buffer.from(authorization?.split(".")[1] ?? "", "base64url").toString();
    expect(JSON.parse(payload || "{}")).toMatchObject({ aud: `https://${closed.address}` });
  }
});

test("takes the address and the audience without asking Cloud Run", async () => {
  const { closed, call } = await closedService("invoker");
  await using _ = closed;

  const answer = await call(`--address ${closed.address} --audience https://${closed.address} health`, {
    CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: "http://127.0.0.1:1/",
  });

  expect(answer).toEqual({ exitCode: 0, output: "SERVING\n", errors: "" });
});

test("says that the role is missing", async () => {
  const { closed, call } = await closedService("stranger");
  await using _ = closed;

  const { exitCode, errors } = await call(`${named} health`);

  expect(exitCode).toBe(1);
  expect(errors).toContain("PERMISSION_DENIED: the token is valid, but its account may not call");
  expect(errors).toContain("roles/run.invoker");
});

test("says that the token is missing, when none was asked for and when none is to be had", async () => {
  const { closed, call } = await closedService("none");
  await using _ = closed;

  const unasked = await call(`--address ${closed.address} --tls health`);
  const nowhere = await call(`--address ${closed.address} --audience https://${closed.address} health`);
  const unfound = await call(`${named} health`);

  expect(unasked.errors).toContain("requires a token, and none was sent");
  expect(nowhere.errors).toContain("UNAUTHENTICATED: could not get an ID token for");
  expect(unfound.errors).toContain("UNAUTHENTICATED: No credentials for Cloud Run were found");
  for (const { errors } of [nowhere, unfound]) expect(errors).toContain("gcloud auth application-default login");
  expect([unasked, nowhere, unfound].map(({ exitCode }) => exitCode)).toEqual([1, 1, 1]);
});

test("says that the token is for somebody else", async () => {
  const { closed, call } = await closedService("invoker");
  await using _ = closed;

  const { exitCode, errors } = await call(`--address ${closed.address} --audience https://example.com health`);

  expect(exitCode).toBe(1);
  expect(errors).toContain("rejected the token for https://example.com");
});

test("says that the address is missing", async () => {
  const { closed, call } = await closedService("invoker");
  await using _ = closed;

  const { exitCode, errors } = await call("--run-service unknown --region region --project project health");

  expect(exitCode).toBe(5);
  expect(errors).toContain("Cloud Run knows no service unknown in region region of project project");
});

test("needs the region and the project of a service", async () => {
  const withoutRegion = await runClient({ args: ["--run-service=a", "--project=p", "health"] });
  const withoutProject = await runClient({ args: ["--run-service=a", "--region=r", "health"] });
  const withoutService = await runClient({ args: ["--region=r", "health"] });

  expect([withoutRegion, withoutProject, withoutService].map(({ exitCode }) => exitCode)).toEqual([2, 2, 2]);
  expect(withoutRegion.errors).toContain("requires --region");
  expect(withoutProject.errors).toContain("requires --project");
  expect(withoutService.errors).toContain("require --run-service");
});
