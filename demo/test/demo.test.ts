import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { ActivityEventsClient, DeploymentState, Outcome } from "@activity-events/client";
import { collect } from "@activity-events/testing/collect";
import { freePort } from "@activity-events/testing/free-port";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { demoFile, runDemo, runDemoIn } from "./run-demo.ts";

let service: ServiceProcess;
let address: string;
let client: ActivityEventsClient;

beforeEach(async () => {
  service = new ServiceProcess();
  address = String((await service.line(({ message }) => message === "listening")).address);
  client = new ActivityEventsClient({ address, tls: false });
});

afterEach(async () => {
  client.close();
  await service[Symbol.asyncDispose]();
});

test("the demo fills an empty store, newest first in its list, and says what to open", async () => {
  await using demo = runDemo(address, "--no-live");

  const { code } = await demo.ended;

  const deployments = await collect(client.listDeployments());
  expect(demo.errors).toBe("");
  expect(code).toBe(0);
  expect(demo.output[0]).toMatch(RegExp(`^\\d{4} events of ${deployments.length} deployments are recorded[.]$`));
  expect(demo.output.join("\n")).toContain("http://127.0.0.1:50080");
  expect(deployments[0]).toMatchObject({
    state: DeploymentState.RUNNING,
    service: "checkout",
    environment: "production",
  });
  expect(new Set(deployments.map(({ outcome }) => outcome))).toEqual(
    new Set([Outcome.UNSPECIFIED, Outcome.SUCCESS, Outcome.FAILURE, Outcome.ERROR, Outcome.CANCELED]),
  );
  const createTimes = deployments.map(({ createTime }) => createTime);
  expect(new Set(createTimes.map((time) => `${time?.seconds}.${time?.nanos}`)).size).toBe(deployments.length);
});

test("a store that is not empty is left alone, unless told otherwise", async () => {
  await client.createEvent({ event: { deploymentId: "release-42", message: "mine" } });
  await using refused = runDemo(address, "--no-live");
  const { code } = await refused.ended;
  const untouched = await collect(client.listDeployments());

  await using added = runDemo(address, "--no-live", "--add");
  await added.ended;
  await using again = runDemo(address, "--no-live", "--add");

  expect(code).toBe(1);
  expect(refused.errors).toMatch(/^demo: the store of .* is not empty; .*--add\n$/);
  expect(untouched).toHaveLength(1);
  expect((await again.ended).code).toBe(0);
  expect((await collect(client.listDeployments())).length).toBeGreaterThan(600);
});

test("one deployment goes on live, and Ctrl-C cancels it", async () => {
  await using demo = runDemo(address);
  await demo.outputLine((line) => line === "Live until Ctrl-C:");
  const deploymentId = (await demo.outputLine((line) => /^ {2}checkout-production-\d+$/.test(line))).trim();
  const waiting = new AbortController();
  for await (const item of client.followEvents({ deploymentId }, { signal: waiting.signal })) {
    if (item.kind === "event" && item.event.eventId === "step-2") break;
  }

  demo.kill("SIGINT");
  const { code } = await demo.ended;

  expect(code).toBe(0);
  const head = await client.getDeployment({ deploymentId });
  expect(head).toMatchObject({ state: DeploymentState.FINISHED, outcome: Outcome.CANCELED });
});

test("the live deployment ends when what runs the demo is killed", async () => {
  const command = [process.execPath, join(import.meta.dirname, "../../tools/run.mjs"), "running", demoFile];
  await using demo = new ServiceProcess({ command, environment: { ACTIVITY_ADDRESS: address } });
  const deploymentId = (await demo.outputLine((line) => /^ {2}checkout-production-\d+$/.test(line))).trim();

  demo.kill("SIGKILL");

  // The output closes after the last process that writes to it.
  await demo.ended;
  expect(await client.getDeployment({ deploymentId })).toMatchObject({ outcome: Outcome.CANCELED });
});

test.each([
  ["50999", "http://127.0.0.1:50999"],
  ["0", "the url that `npm start` prints"],
])("the page is named by PAGE_PORT, here %s", async (port, text) => {
  await using demo = runDemoIn({ ACTIVITY_ADDRESS: address, PAGE_PORT: port }, "--no-live");

  expect((await demo.ended).code).toBe(0);
  expect(demo.output[1]).toContain(text);
});

test.each([[[]], [["--add"]]])("a service that is away is told, with its address and what to do (%j)", async (args) => {
  const nowhere = `127.0.0.1:${await freePort()}`;
  await using demo = runDemo(nowhere, "--no-live", ...args);

  const { code } = await demo.ended;

  expect(code).toBe(1);
  expect(demo.errors).toBe(
    `demo: the service does not answer at ${nowhere} (connect ECONNREFUSED ${nowhere}); ` +
      "start it with `npm start`, or set its address with --address HOST:PORT or ACTIVITY_ADDRESS\n",
  );
});

test("what takes connections and says nothing is told too", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  await using demo = runDemo(`127.0.0.1:${port}`, "--no-live");

  const { code } = await demo.ended;
  silent.close();

  expect(code).toBe(1);
  expect(demo.errors).toMatch(/^demo: the service does not answer at .*; start it with `npm start`/);
});

test.each([["--seed", "x"], ["--until", "tomorrow"], ["--until", "2100-01-01T00:00:00Z"], ["--bogus"]])(
  "the arguments %s %s are refused",
  async (...args) => {
    await using demo = runDemo(address, ...args);

    const { code } = await demo.ended;

    expect(code).toBe(2);
    expect(demo.errors).toContain(args[0]);
  },
);

test("--help lists the options", async () => {
  await using demo = runDemo(address, "--help");

  expect((await demo.ended).code).toBe(0);
  expect(demo.output.join("\n")).toContain("--until TIME");
});
