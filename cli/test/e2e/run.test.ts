import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanUp } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { program, runnerAt, startRunner } from "./recorded-run.ts";
import { endClients } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

const traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("records a deployment around a command, with the fields of the flags", async () => {
  const { run, listed: events, spooled } = await startRunner();
  const flags = [
    "-d",
    "release-42",
    "--service",
    "api",
    "--environment",
    "production",
    "--revision",
    "1.4.2",
    "-l",
    "team=web",
  ];

  const ended = await run(["run", ...flags, "--", "sh", "-c", "echo out; echo err >&2; exit 3"]);

  expect(ended).toEqual({ exitCode: 3, output: "out\n", errors: "err\n" });
  const fields = { service: "api", environment: "production", revision: "1.4.2", labels: { team: "web" } };
  expect(await events("release-42")).toMatchObject([
    { type: "deployment.started", ...fields },
    {
      type: "deployment.finished",
      outcome: "OUTCOME_FAILURE",
      severity: "SEVERITY_ERROR",
      message: "The command ended with exit code 3.",
      data: { exit_code: 3, duration_ms: expect.any(Number) },
      ...fields,
    },
  ]);
  expect(spooled()).toEqual([]);
});

test("tells the command its deployment, so that add in it needs no flags", async () => {
  const { run, listed: events } = await startRunner();
  const script = `${program} add -m migrated; echo '{"message": "from a line"}' | ${program} add; echo "$ACTIVITY_DEPLOYMENT_ID"`;

  const ended = await run(["run", "--", "sh", "-c", script], { environment: { TRACEPARENT: traceParent } });

  const deploymentId = ended.output.trim().split("\n").at(-1) ?? "";
  expect(deploymentId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  expect(await events(deploymentId)).toMatchObject([
    { type: "deployment.started", traceParent },
    { message: "migrated", traceParent },
    { message: "from a line" },
    { type: "deployment.finished", outcome: "OUTCOME_SUCCESS", traceParent },
  ]);
});

test("a run within a run is a deployment of its own, on CI too", async () => {
  const { run, listed: events } = await startRunner();

  const ended = await run([
    "run",
    "-d",
    "outer",
    "--",
    "sh",
    "-c",
    `${program} run -- printenv ACTIVITY_DEPLOYMENT_ID; exit 4`,
  ]);
  const inner = ended.output.trim();

  expect(inner).not.toBe("outer");
  expect((await events("outer")).map(({ type, outcome }) => outcome ?? type)).toEqual([
    "deployment.started",
    "OUTCOME_FAILURE",
  ]);
  expect((await events(inner)).map(({ type, outcome }) => outcome ?? type)).toEqual([
    "deployment.started",
    "OUTCOME_SUCCESS",
  ]);
});

test("makes a trace where there is none, or a broken one", async () => {
  const { run, listed: events } = await startRunner();

  const none = await run(["run", "-d", "a", "--", "printenv", "TRACEPARENT"]);
  const broken = await run(["run", "-d", "b", "--", "printenv", "TRACEPARENT"], {
    environment: { TRACEPARENT: "00-0-0-00" },
  });

  expect([none.output, broken.output]).toEqual(
    Array(2).fill(expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01\n$/)),
  );
  expect(await events("a")).toMatchObject(Array(2).fill({ traceParent: none.output.trim() }));
});

test.each<[string, readonly string[], number, string, RegExp | ""]>([
  ["not found", ["no-such-command"], 127, "no-such-command: command not found", /: command not found\n$/],
  ["no such file", ["./no/such/file"], 127, "./no/such/file: no such file", /: no such file\n$/],
  [
    "not executable",
    [import.meta.filename],
    126,
    `${import.meta.filename}: permission denied`,
    /: permission denied\n$/,
  ],
  ["a directory", ["/"], 126, "/: is a directory", /: is a directory\n$/],
])("answers a command that is %s as a shell does, and records it", async (_, command, exitCode, problem, errors) => {
  const { run, listed: events } = await startRunner();

  const ended = await run(["run", "-d", "d", "--", ...command]);

  expect(ended).toEqual({ exitCode, output: "", errors: expect.stringMatching(errors) });
  expect(await events("d")).toMatchObject([
    { type: "deployment.started" },
    { outcome: "OUTCOME_FAILURE", message: `The command was not started: ${problem}.`, data: { exit_code: exitCode } },
  ]);
});

test("says of a script whose interpreter is not there that it was not started", async () => {
  const { run } = await startRunner();
  const script = join(temporaryFolder().path, "script");
  writeFileSync(script, "#!/no/such/interpreter\n", { mode: 0o755 });

  const ended = await run(["run", "--", script]);

  expect(ended).toMatchObject({ exitCode: 126, errors: expect.stringContaining("interpreter is not there") });
});

test("runs a command unchanged where the settings are wrong, and says so", async () => {
  const { run, spooled } = runnerAt("no address");

  const ended = await run(["run", "--", "sh", "-c", "echo deployed; exit 4"]);
  const strict = await run(["run", "--strict", "--", "echo", "deployed"]);

  expect(ended).toMatchObject({ exitCode: 4, output: "deployed\n" });
  expect(ended.errors).toMatch(
    /^activity_client: warning: this run is not recorded\. ACTIVITY_ADDRESS is "no address"/,
  );
  expect(strict).toMatchObject({ exitCode: 2, output: "" });
  expect(spooled()).toEqual([]);
});

test("takes from a CI system what no flag says, and an empty flag as none", async () => {
  const { run, listed: events } = await startRunner();
  const environment = {
    GITHUB_ACTIONS: "true",
    GITHUB_REPOSITORY: "acme/shop",
    GITHUB_RUN_ID: "77",
    GITHUB_RUN_ATTEMPT: "2",
    GITHUB_SHA: "c0ffee",
    GITHUB_ACTOR: "ada",
    GITHUB_SERVER_URL: "https://github.com",
  };

  await run(["run", "--deployment-id", "", "--revision", "", "--service", "web", "--", "true"], { environment });
  const added = await run(["add", "-m", "by add"], { environment });

  expect(added).toMatchObject({ exitCode: 0, output: expect.stringMatching(/^gh:acme:shop:run:77:2\t3\t/) });
  expect(await events("gh:acme:shop:run:77:2")).toMatchObject([
    {
      type: "deployment.started",
      service: "web",
      revision: "c0ffee",
      commit: "c0ffee",
      actor: "ada",
      url: "https://github.com/acme/shop/actions/runs/77/attempts/2",
    },
    { type: "deployment.finished", service: "web" },
    { message: "by add", service: "shop" },
  ]);
});

test("records under an encoded id what the contract takes under no other, and says so", async () => {
  const { run, listed: events } = await startRunner();

  const ended = await run(["run", "-d", "feature/x:1", "--", "printenv", "ACTIVITY_DEPLOYMENT_ID"]);

  expect(ended).toMatchObject({ exitCode: 0, output: "feature~2Fx:1\n" });
  expect(ended.errors).toContain("the deployment feature/x:1 is recorded as feature~2Fx:1");
  expect(await events("feature~2Fx:1")).toHaveLength(2);
});

test("tells the command how to connect where an address is not enough", async () => {
  const { run } = runnerAt("127.0.0.1:1");

  const told = await run([
    "--tls",
    "--address",
    "example.test:443",
    "--audience",
    "https://example.test",
    "run",
    "--",
    "env",
  ]);
  const context = await run(["--timeout", "1", "list", "d"], {
    address: "127.0.0.1:1",
    environment: { ACTIVITY_CONNECTION: '{"address":"127.0.0.1:1","tls":true}' },
  });
  const other = await run(["--timeout", "1", "list", "d"], {
    address: "127.0.0.1:1",
    environment: { ACTIVITY_CONNECTION: '{"address":"127.0.0.1:2","tls":true,"caFile":"/no/such/file"}' },
  });

  expect(told.output).toContain("ACTIVITY_ADDRESS=example.test:443\n");
  expect(told.output).toContain(
    'ACTIVITY_CONNECTION={"address":"example.test:443","tls":true,"audience":"https://example.test"}\n',
  );
  expect(context.errors).toContain("nothing listens at 127.0.0.1:1");
  expect(other.errors).toContain("nothing listens at 127.0.0.1:1");
});

test.each([
  ["is no JSON", "{", "ACTIVITY_CONNECTION: "],
  ["names no service", '{"tls":true}', "ACTIVITY_CONNECTION"],
])("refuses a connection of a run that %s", async (_, connection, complaint) => {
  const { run } = runnerAt("127.0.0.1:1");

  const { exitCode, errors } = await run(["list", "d"], { environment: { ACTIVITY_CONNECTION: connection } });

  expect({ exitCode, errors }).toEqual({ exitCode: 2, errors: expect.stringContaining(complaint) });
});

test("tells the command a service on Cloud Run without an address, which another address goes before", async () => {
  const { run } = runnerAt("127.0.0.1:1");
  const service = ["--run-service", "events", "--region", "r", "--project", "p"];
  const health = `${program} --timeout 1 health`;
  const environment = { HOME: temporaryFolder().path, PATH: "/usr/bin:/bin" };

  const { output, errors } = await run(
    [...service, "run", "--", "sh", "-c", `env; ${health}; ACTIVITY_ADDRESS=127.0.0.1:2 ${health}; true`],
    { environment },
  );

  expect(output).not.toContain("ACTIVITY_ADDRESS=");
  expect(output).toContain('ACTIVITY_CONNECTION={"runService":"events","region":"r","project":"p"}\n');
  const [byRun = "", byAddress = ""] = errors.split("\n").filter((line) => line.startsWith("activity_client: "));
  expect(byRun).not.toContain("127.0.0.1");
  expect(byAddress).toContain("127.0.0.1:2");
});

test("leaves flags behind -- to the command, and asks for -- before them", async () => {
  const { run } = await startRunner();

  const passed = await run(["run", "--", "echo", "--json", "-h", "--", "--help", "-add"]);
  const missing = await run(["run", "echo", "-x"]);

  expect(passed).toEqual({ exitCode: 0, output: "--json -h -- --help -add\n", errors: "" });
  expect(missing).toMatchObject({ exitCode: 2, errors: expect.stringMatching(/unknown option '-x'\n.*Put -- before/) });
});

test("leaves all of standard input to the command, and its pipes blocking", async () => {
  const { run } = await startRunner();
  const input = "line\n".repeat(100_000);
  // A reader that is slower than the pipe is full. A program that meets EAGAIN fails.
  const launcher = (command: readonly string[]) => [
    "bash",
    "--norc",
    "-c",
    '"$@" | (sleep 0.5; wc -c)',
    "bash",
    ...command,
  ];

  const ended = await run(["run", "--", "cat"], { input, launcher });

  expect(ended).toEqual({ exitCode: 0, output: `${input.length}\n`, errors: "" });
});
