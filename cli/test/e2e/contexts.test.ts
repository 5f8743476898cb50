import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { selfSignedCertificate } from "@activity-events/testing/self-signed-certificate";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

/** Makes a folder for configuration and returns how to call the program with it: the arguments parted by spaces. */
function person() {
  const folder = temporaryFolder().path;
  const file = join(folder, "activity-events", "contexts.json");
  const call = (line: string, environment: Readonly<Record<string, string>> = {}) =>
    runClient({ args: line.split(" "), environment: { XDG_CONFIG_HOME: folder, ...environment } });
  const write = (text: string) => {
    mkdirSync(join(folder, "activity-events"), { recursive: true });
    writeFileSync(file, text);
  };
  return { call, file, write };
}

const runFlags = "--run-service activity-events --region europe-west1 --project my-project";

test("keeps contexts in one file of their owner's, and lists, shows, uses and removes them", async () => {
  const { call, file } = person();

  const none = await call("context list");
  const added = await call(`context add prod ${runFlags}`);
  const local = await call("context add local --address 127.0.0.1:50051 --json");
  const used = await call("context use prod");
  const listed = await call("context list");
  const json = await call("context list --json");
  const shown = await call("context show");
  const removed = await call("context remove prod");
  const left = await call("context list");

  expect(none).toEqual({
    exitCode: 0,
    output: "",
    errors: `activity_client: ${file} has no contexts. "context add NAME" makes one.\n`,
  });
  expect(added).toMatchObject({ exitCode: 0, errors: "" });
  expect(added.output).toBe(
    'Added the context prod: activity-events on Cloud Run (europe-west1, my-project). "context use prod" puts it in use.\n',
  );
  expect(JSON.parse(local.output)).toEqual({ name: "local", inUse: false, address: "127.0.0.1:50051" });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(used.output).toBe("The context prod is in use: activity-events on Cloud Run (europe-west1, my-project).\n");
  expect(listed.output).toBe(
    "local\t\t127.0.0.1:50051\nprod\t*\tactivity-events on Cloud Run (europe-west1, my-project)\n",
  );
  expect(listed.errors).toBe(`activity_client: 2 contexts in ${file}\n`);
  expect(
    json.output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { name: "local", inUse: false, address: "127.0.0.1:50051" },
    { name: "prod", inUse: true, runService: "activity-events", region: "europe-west1", project: "my-project" },
  ]);
  expect(shown.output).toBe(
    "name\tprod\nin_use\ttrue\nrun_service\tactivity-events\nregion\teurope-west1\nproject\tmy-project\n",
  );
  expect(removed.output).toBe("Removed the context prod, which was in use. No context is in use now.\n");
  expect(left.output).toBe("local\t\t127.0.0.1:50051\n");
});

test("connects by a flag, before the environment, before the context in use", async () => {
  const { call } = person();
  const [first, second] = await Promise.all([1, 2].map(() => startService({ dataDir: temporaryFolder().path })));
  const closed = `127.0.0.1:${await freePort()}`;
  await call(`context add first --address ${first?.address}`);
  await call(`context add second --address ${second?.address}`);
  await call(`context add closed --address ${closed}`);
  await call("--context first add -d first -m m");
  await call("--context second add -d second -m m");
  await call("context use first");
  const [inFirst, inSecond, nowhere] = [first, second, { address: closed }].map((each) => each?.address ?? "");
  const reached = async (line: string, environment: Readonly<Record<string, string>> = {}) =>
    (await call(`deployments ${line}`.trim(), environment)).output.split("\t")[0];

  const answers = await Promise.all([
    reached(""),
    reached("", { ACTIVITY_CONTEXT: "second" }),
    reached("", { ACTIVITY_CONTEXT: "closed", ACTIVITY_ADDRESS: inSecond ?? "" }),
    reached("", { ACTIVITY_CONTEXT: "", ACTIVITY_ADDRESS: "" }),
    reached("--context second", { ACTIVITY_CONTEXT: "closed", ACTIVITY_ADDRESS: nowhere ?? "" }),
    reached(`--address ${inSecond}`, { ACTIVITY_CONTEXT: "closed", ACTIVITY_ADDRESS: inFirst ?? "" }),
  ]);
  const both = await call(`--context first --address ${inSecond} health`);

  expect(answers).toEqual(["first", "second", "second", "first", "second", "second"]);
  expect(both).toEqual({
    exitCode: 2,
    output: "",
    errors: "activity_client: --context says which service; it excludes --address and --run-service.\n",
  });
});

test("says that the address of a failed connection came from a context, and from which", async () => {
  const { call } = person();
  const address = `127.0.0.1:${await freePort()}`;
  const { address: plain } = await startService({ dataDir: temporaryFolder().path });
  await call(`context add gone --address ${address}`);
  await call(`context add secure --address ${plain} --tls`);
  await call("context use gone");

  const [inUse, named, environment, secure, refused, lookup] = await Promise.all([
    call("--timeout 1 health"),
    call("--timeout 1 --context gone add -d d -m m"),
    call("--timeout 1 list d", { ACTIVITY_CONTEXT: "gone" }),
    call("--timeout 1 --context secure health"),
    call("--timeout 1 --tls --address 127.0.0.1:1 health"),
    call("--context secure --region r health"),
  ]);

  const nothing = `activity_client: UNAVAILABLE: nothing listens at ${address}; start the service, or set its address with --address HOST:PORT, ACTIVITY_ADDRESS or a context.`;
  expect(inUse.errors).toBe(`${nothing} The address comes from the context gone, which is in use.\n`);
  expect(named.errors).toBe(`${nothing} The address comes from the context gone.\n`);
  expect(environment.errors).toBe(`${nothing} The address comes from the context gone (ACTIVITY_CONTEXT).\n`);
  expect(secure.errors).toBe(
    `activity_client: UNAVAILABLE: the server at ${plain} speaks plain text and this client used TLS; leave out --tls. Address and TLS come from the context secure.\n`,
  );
  expect(refused.errors).not.toContain("the context");
  expect(lookup.errors).toBe(
    "activity_client: --region and --project require --run-service, before the command. Address and TLS come from the context secure.\n",
  );
});

test("finds the certificates of a context from any folder, and says which context names a file that is gone", async () => {
  const { call, file } = person();
  const certificates = join(temporaryFolder().path, "ca.pem");
  writeFileSync(certificates, selfSignedCertificate().certificate);

  const launcher = (command: readonly string[]) => [
    "sh",
    "-c",
    'cd "$1" && shift && exec "$@"',
    "sh",
    join(certificates, ".."),
    ...command,
  ];
  const args = "context add secure --address localhost:1 --ca-file ca.pem".split(" ");
  const added = await runClient({ args, launcher, environment: { XDG_CONFIG_HOME: join(file, "..", "..") } });
  const gone = await call(`context add gone --address localhost:1 --ca-file ${certificates}.none`);
  const kept = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(certificates, "");
  const used = await call("--context secure health");

  expect(added.exitCode).toBe(0);
  expect(gone).toMatchObject({
    exitCode: 2,
    errors: expect.stringContaining(`--ca-file ${certificates}.none does not exist`),
  });
  expect(kept).toEqual({ contexts: { secure: { address: "localhost:1", caFile: certificates } } });
  expect(used).toMatchObject({
    exitCode: 2,
    errors: expect.stringMatching(/holds no certificate.* context secure\.\n$/),
  });
});

test("refuses names that are taken, unknown or none, and contexts that say too little", async () => {
  const { call, file } = person();
  await call("context add prod --address localhost:1");
  await call("context add staging --address localhost:2");
  const before = readFileSync(file, "utf8");

  const results = await Promise.all([
    call("context add prod --address localhost:3"),
    call("context use prd"),
    call("context remove other"),
    call("--context prd health"),
    call("health", { ACTIVITY_CONTEXT: "prd" }),
    call("context add a/b --address localhost:3"),
    call("context add new"),
    call("context add new --run-service s --region r"),
    call("context add new --address localhost:1 --audience https://me:secret@service"),
    call("context show"),
    call("context use"),
    call("context list --address localhost:1"),
  ]);

  expect(results.map(({ exitCode }) => exitCode)).toEqual(results.map(() => 2));
  const [taken, near, far, flag, variable, name, empty, little, secret, unused, unnamed, meaningless] = results.map(
    ({ errors }) => errors.replace("activity_client: ", "").split("\n")[0],
  );
  expect(taken).toBe("There is a context prod already: localhost:1. --replace replaces it.");
  expect(near).toBe(`There is no context prd in ${file}; did you mean prod?`);
  expect(far).toBe(`There is no context other in ${file}; there are prod, staging.`);
  expect(flag).toBe(near);
  expect(variable).toBe(`ACTIVITY_CONTEXT: ${near}`);
  expect(name).toContain(
    "Expected up to 64 letters, digits, dots, dashes and underscores, with a letter or digit first.",
  );
  expect(empty).toBe(
    "Say what new connects to: --address HOST:PORT, or --run-service NAME --region REGION --project PROJECT.",
  );
  expect(little).toBe("--run-service requires --project or GOOGLE_CLOUD_PROJECT.");
  expect(secret).toBe("--audience holds a password; a context keeps no secrets.");
  expect(unused).toContain("No context is in use");
  expect(unnamed).toContain("Give the name of a context, or --none");
  expect(meaningless).toBe("context list takes none of the flags that name a service; only context add does.");
  expect(readFileSync(file, "utf8")).toBe(before);
});

test("replaces a context, takes its project from the environment, and uses none again", async () => {
  const { call, file } = person();
  await call("context add prod --address localhost:1");
  await call("context use prod");

  const replaced = await call("context add prod --replace --run-service s --region r", { GOOGLE_CLOUD_PROJECT: "p" });
  const kept = JSON.parse(readFileSync(file, "utf8"));
  const shadowed = await call("context use prod", { ACTIVITY_ADDRESS: "localhost:1" });
  const unused = await call("context use --none");

  expect(replaced).toMatchObject({ exitCode: 0, output: "Replaced the context prod: s on Cloud Run (r, p).\n" });
  expect(kept).toEqual({ inUse: "prod", contexts: { prod: { runService: "s", region: "r", project: "p" } } });
  expect(shadowed.errors).toBe("activity_client: ACTIVITY_ADDRESS is set and goes before the context in use.\n");
  expect(unused.output).toBe("No context is in use now.\n");
  expect(JSON.parse(readFileSync(file, "utf8"))).not.toHaveProperty("inUse");
});

test("refuses a file that it cannot read with the place of the fault, and leaves it as it is", async () => {
  const { call, file, write } = person();
  const text = '{"contexts": {\n  "prod": {"address": "localhost:1",}}}';
  write(text);

  const results = await Promise.all([
    call("health"),
    call("context list"),
    call("context add x --address h:1"),
    call("context use --none"),
  ]);

  const errors = `activity_client: ${file}: line 2, column 37: invalid JSON: Expected double-quoted property name. Mend the file, or remove it and add the contexts again.\n`;
  for (const result of results) expect(result).toEqual({ exitCode: 2, output: "", errors });
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("does not read the file where flags or environment name the service", async () => {
  const { call, write } = person();
  write("rubbish");
  const { address } = await startService({ dataDir: temporaryFolder().path });

  const [flag, variable, version] = await Promise.all([
    call(`--address ${address} health`),
    call("health", { ACTIVITY_ADDRESS: address }),
    call("--help"),
  ]);

  expect([flag, variable, version].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
});

test("writes through a symbolic link, and does not take a configuration folder that is not absolute", async () => {
  const { call, file } = person();
  await call("context add a --address h:1");
  const other = person();
  mkdirSync(join(other.file, ".."), { recursive: true });
  symlinkSync(file, other.file);
  const home = temporaryFolder().path;

  await other.call("context add b --address h:2");
  const relative = await call("context add c --address h:3", { XDG_CONFIG_HOME: "relative", HOME: home });

  expect((await call("context list")).output).toBe("a\t\th:1\nb\t\th:2\n");
  expect(relative.exitCode).toBe(0);
  expect(existsSync(join(home, ".config", "activity-events", "contexts.json"))).toBe(true);
});

test("takes no contexts from the folder of work, where an account has no home", async () => {
  const { path } = temporaryFolder();
  mkdirSync(join(path, ".config", "activity-events"), { recursive: true });
  const foreign = { inUse: "foreign", contexts: { foreign: { address: "h:1" } } };
  writeFileSync(join(path, ".config", "activity-events", "contexts.json"), JSON.stringify(foreign));
  const launcher = (command: readonly string[]) => ["env", "-C", path, ...command];
  const list = (environment: Readonly<Record<string, string>>) =>
    runClient({ args: ["context", "list"], launcher, environment: { XDG_CONFIG_HOME: "", ...environment } });

  const [empty, relative] = await Promise.all([list({ HOME: "" }), list({ HOME: "." })]);

  for (const { exitCode, output, errors } of [empty, relative]) {
    expect({ exitCode, output }).toEqual({ exitCode: 2, output: "" });
    expect(errors).toContain("There is no place for contexts");
  }
});

test.each([
  ["a pipe", (file: string) => spawnSync("mkfifo", [file]), "it is no file"],
  ["a device", (file: string) => symlinkSync("/dev/zero", file), "it is no file"],
  ["a large file", (file: string) => writeFileSync(file, "x".repeat(2 ** 21)), "it has 2097152 bytes"],
])("refuses %s in the place of the file", async (_, make, why) => {
  const { call, file } = person();
  mkdirSync(join(file, ".."), { recursive: true });
  make(file);

  const { exitCode, errors } = await call("health");

  expect(exitCode).toBe(2);
  expect(errors).toContain(why);
});

test("loses nothing when many processes add at once", async () => {
  const { call, file } = person();
  const names = Array.from({ length: 12 }, (_, index) => `c${index + 10}`);

  const results = await Promise.all(names.map((name) => call(`context add ${name} --address ${name}:1`)));

  expect(results.map(({ exitCode }) => exitCode)).toEqual(names.map(() => 0));
  expect(Object.keys(JSON.parse(readFileSync(file, "utf8")).contexts)).toEqual(names);
});

test("says which file to remove when another process never ended its change", async () => {
  const { call, file, write } = person();
  write('{"contexts": {"a": {"address": "h:1"}}}');
  writeFileSync(`${file}.lock`, "");

  const [added, listed] = await Promise.all([call("context add b --address h:2"), call("context list")]);

  expect(added).toEqual({
    exitCode: 1,
    output: "",
    errors: `activity_client: ${file}.lock is there: another process changes the contexts. If none does, remove it.\n`,
  });
  expect(listed.output).toBe("a\t\th:1\n");
});
