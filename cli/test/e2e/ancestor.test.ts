import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, describe, expect, test } from "@jest/globals";
import { withoutTimes } from "../ancestor/recorded-calls.ts";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

const event = '{"id":1, "deployment_id": 1, "message":"Deployment has been created successfully"}';
const time = String.raw`time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)"`;
const created = new RegExp(
  `^${time} level=info msg="An event created with id \\[1\\] for deployment_id \\[1\\] in -?\\d+ ms"\n$`,
);
const listed =
  'time="T" level=info msg="Event: id:1 message:\\"Deployment has been created successfully\\" timestamp:<send:N receive:N > deployment_id:1 "\n';

async function port(): Promise<string> {
  return String((await startService({ dataDir: temporaryFolder().path })).port);
}

test("names every command without arguments", async () => {
  const [help, bare] = await Promise.all([["--help"], []].map((args) => runClient({ args })));

  const [, list = ""] = /^Commands:\n((?: .*\n)+)/m.exec(help?.output ?? "") ?? [];
  const names = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name).filter((name) => name !== "help");
  expect(names.length).toBeGreaterThan(7);
  for (const name of names) expect(bare?.output).toMatch(new RegExp(`[ \n]${name}[,.]`));
});

test("adds and lists with the ancestor's flags and in the ancestor's words, on standard error", async () => {
  const number = await port();

  const added = await runClient({ args: ["-add", event, "-port", number] });
  const shown = await runClient({ args: ["--deployment=1", `-port=${number}`, "-address", "127.0.0.1"] });

  expect(added).toEqual({ exitCode: 0, output: "", errors: expect.stringMatching(created) });
  expect({ ...shown, errors: withoutTimes(shown.errors) }).toEqual({ exitCode: 0, output: "", errors: listed });
});

test("ends with 1 when it is refused and when nobody answers", async () => {
  const number = await port();
  await runClient({ args: ["-add", event, "-port", number] });
  const closed = String(await freePort());

  const [conflict, list] = await Promise.all([
    runClient({ args: ["-add", '{"id":1,"deployment_id":1,"message":"other"}', "-port", number] }),
    runClient({ args: ["-deployment", "1", "-port", closed] }),
  ]);

  expect([conflict, list].map(({ exitCode }) => exitCode)).toEqual([1, 1]);
  expect(withoutTimes(conflict.errors)).toBe(
    'time="T" level=fatal msg="Could not create Event: rpc error: code = AlreadyExists desc = event 1 of deployment 1 is stored with other content: message differs"\n',
  );
  expect(withoutTimes(list.errors)).toBe(
    `time="T" level=fatal msg="Error on get events: rpc error: code = Unavailable desc = all SubConns are in TransientFailure, latest connection error: connection error: desc = \\"transport: Error while dialing dial tcp 127.0.0.1:${closed}: connect: connection refused\\""\n`,
  );
});

test("tells the time in the time zone of the machine", async () => {
  const zones = ["UTC", "Asia/Kolkata", "America/St_Johns"];

  const results = await Promise.all(zones.map((TZ) => runClient({ args: ["-add", "{"], environment: { TZ } })));

  const offsets = results.map(({ errors }) => /^time="[\d-]{10}T[\d:]{8}([^"]*)"/.exec(errors)?.[1]);
  expect(offsets).toEqual(["Z", "+05:30", expect.stringMatching(/^-0[23]:30$/)]);
});

describe("differs from the ancestor on purpose:", () => {
  test("an event that is no JSON ends with 1, since nothing is recorded", async () => {
    const result = await runClient({ args: ["-add", "{id:1}"] });

    expect({ ...result, errors: withoutTimes(result.errors) }).toEqual({
      exitCode: 1,
      output: "",
      errors: 'time="T" level=error msg="Unable to parse {id:1} as json data"\n',
    });
  });

  test("a deployment beyond 32 bits is out of range, not another deployment", async () => {
    const { exitCode, errors } = await runClient({ args: ["-deployment", "4294967296"] });

    expect(exitCode).toBe(2);
    expect(errors).toMatch(/^invalid value "4294967296" for flag -deployment: value out of range\nUsage of /);
  });

  test("without arguments it says on standard output where the commands are, and the ancestor's flags as it does", async () => {
    const alone = await runClient({ args: [] });
    const withPort = await runClient({ args: ["-port", "1"] });

    expect(alone.output).toContain("run, add, flush, list, tail, get, deployments");
    expect(alone).toEqual({ ...withPort, output: alone.output });
    expect(withPort).toMatchObject({ exitCode: 0, output: "", errors: expect.stringMatching(/^ {2}-add string\n/) });
  });

  test("-h and --help first show the commands, and what begins with a word or two dashes is theirs", async () => {
    const [short, long, word, dashes] = await Promise.all(
      ["-h", "--help", "foo", "--x"].map((argument) => runClient({ args: [argument] })),
    );

    expect([short?.exitCode, long?.exitCode, word?.exitCode, dashes?.exitCode]).toEqual([0, 0, 2, 2]);
    for (const help of [short, long]) expect(help?.output).toMatch(/^Usage: activity_client \[options\] <command>/);
    expect(word?.errors).toContain("unknown command 'foo'");
    expect(dashes?.errors).toContain("unknown option '--x'");
  });
});
