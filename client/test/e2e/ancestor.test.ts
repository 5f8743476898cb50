import { afterEach, expect, test } from "@jest/globals";
import { cleanUp, freePort, startService, temporaryFolder } from "../../../e2e/running-service.ts";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  endClients();
  await cleanUp();
});

const event = '{"id":1, "deployment_id": 1, "message":"Deployment has been created successfully"}';
const created = /^INFO\[\d{4}\] An event created with id \[1\] for deployment_id \[1\] in -?\d+ ms\n$/;
const listed =
  /^INFO\[\d{4}\] Event: id:1 message:"Deployment has been created successfully" timestamp:<send:\d{19} receive:\d{19} > deployment_id:1 \n$/;

async function port(): Promise<string> {
  return String((await startService({ dataDir: temporaryFolder() })).port);
}

test("adds and lists with the ancestor's flags and in the ancestor's words, on standard error", async () => {
  const number = await port();

  const added = await runClient({ args: ["-add", event, "-port", number] });
  const shown = await runClient({ args: ["--deployment=1", `-port=${number}`, "-address", "127.0.0.1"] });

  expect(added).toEqual({ exitCode: 0, output: "", errors: expect.stringMatching(created) });
  expect(shown).toEqual({ exitCode: 0, output: "", errors: expect.stringMatching(listed) });
});

test("lists first and then adds when both are asked for", async () => {
  const number = await port();
  await runClient({ args: ["-add", event, "-port", number] });

  const { errors } = await runClient({
    args: ["-add", '{"id":2,"deployment_id":1}', "-deployment", "1", "-port", number],
  });

  const lines = errors.trimEnd().split("\n");
  expect(lines).toEqual([expect.stringContaining("Event: id:1 "), expect.stringContaining("created with id [2]")]);
});

test("ends with FATA and 1 when it is refused and when nobody answers", async () => {
  const number = await port();
  await runClient({ args: ["-add", event, "-port", number] });
  const closed = String(await freePort());

  const [conflict, list, add] = await Promise.all([
    runClient({ args: ["-add", '{"id":1,"deployment_id":1,"message":"other"}', "-port", number] }),
    runClient({ args: ["-deployment", "1", "-port", closed] }),
    runClient({ args: ["-add", event, "-port", closed] }),
  ]);

  expect([conflict, list, add].map(({ exitCode }) => exitCode)).toEqual([1, 1, 1]);
  expect(conflict.errors).toMatch(/^FATA\[\d{4}\] Could not create Event: rpc error: code = AlreadyExists desc = /);
  expect(list.errors).toMatch(/^FATA\[\d{4}\] Error on get events: rpc error: code = Unavailable desc = /);
  expect(add.errors).toMatch(/^FATA\[\d{4}\] Could not create Event: rpc error: code = Unavailable desc = /);
});

test("says so when the event is no JSON, and ends with 1, since nothing is recorded", async () => {
  const result = await runClient({ args: ["-add", "{id:1}"] });

  expect(result).toEqual({
    exitCode: 1,
    output: "",
    errors: expect.stringMatching(/^ERRO\[\d{4}\] Unable to parse \{id:1\} as json data\n$/),
  });
});

test("prints the ancestor's help, and where the commands are, when there is nothing to do", async () => {
  const results = await Promise.all([runClient({ args: [] }), runClient({ args: ["-port", "50051"] })]);

  for (const { exitCode, output } of results) {
    expect(exitCode).toBe(0);
    expect(output).toContain("  -port int\n    \tPort of the server for connection (default 50051)\n");
    expect(output).toContain("add, list, tail, get, deployments, health");
  }
});
