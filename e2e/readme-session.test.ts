import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..");

interface Command {
  readonly line: string;
  readonly output: readonly string[];
}

const read = (page: string) => readFileSync(join(root, page), "utf8");
/** The pages with sessions, which go on where the one before ends. */
const pages = ["README.md", "docs/command-line.md"];

/** The commands of the sessions, each with the output that the page shows. */
function shownCommands(): Command[] {
  const commands: { line: string; output: string[] }[] = [];
  for (const [, session = ""] of pages.flatMap((page) => [...read(page).matchAll(/```console\n(.*?)```/gs)])) {
    for (const line of session.replace(/\n$/, "").split("\n")) {
      if (line.startsWith("$ ")) commands.push({ line: line.slice(2), output: [] });
      else commands.at(-1)?.output.push(line);
    }
  }
  return commands;
}

/** The programs that the README shows. */
function readmePrograms(): string[] {
  return [...read("README.md").matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
}

/** A line with its times and salts taken out, which differ from run to run. */
const timeless = (line: string) =>
  line
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME")
    .replace(/\b\d{19}\b/g, "NANOSECONDS")
    .replace(/"salt":"[^"]*"/, '"salt":"SALT"')
    .replace(/ in \d+ ms"$/, ' in N ms"')
    .replace(/ in \/\S+\/contexts\.json$/, " in FILE");

/** Where the commands of the sessions find their service and their contexts. */
interface Place {
  readonly port: number;
  readonly configFolder: string;
  /** Of the service, whose admin token the client finds there. */
  readonly dataDir: string;
}

const usualAddress = "127.0.0.1:50051";

/** All that a command prints, on either output. */
async function outputOf(command: string, { port, configFolder, dataDir }: Place): Promise<string[]> {
  // The pages talk to the usual port; the test has one of its own.
  const ownAddress = `127.0.0.1:${port}`;
  const own = command
    .replace(/^npm run -s client -- -(?=add|deployment)/, `npm run -s client -- -port ${port} -`)
    .replace(usualAddress, ownAddress);
  // The variable would overrule a context in use.
  const address = / (--)?context /.test(command) ? "" : ownAddress;
  const env = {
    ...process.env,
    TZ: "UTC",
    XDG_CONFIG_HOME: configFolder,
    XDG_STATE_HOME: configFolder,
    DATA_DIR: dataDir,
    ACTIVITY_ADDRESS: address,
  };
  const options = { cwd: root, env };
  const { stdout, stderr } = await promisify(execFile)("sh", ["-c", own], options).catch(
    (failure: { readonly stdout: string; readonly stderr: string }) => failure,
  );
  return `${stdout}${stderr}`.replaceAll(ownAddress, usualAddress).split("\n").slice(0, -1);
}

afterEach(cleanUp);

test("the sessions of the README and of docs/command-line.md print what the pages show", async () => {
  const dataDir = temporaryFolder().path;
  const { port } = await startService({ dataDir });
  const place = { port, dataDir, configFolder: temporaryFolder().path };
  const commands = shownCommands();

  const printed: string[][] = [];
  for (const { line } of commands) printed.push(await outputOf(line, place));

  expect(commands.length).toBeGreaterThan(9);
  expect(printed.map((lines) => lines.map(timeless))).toEqual(commands.map(({ output }) => output.map(timeless)));
});

test("the README's program for a producer runs as it stands", async () => {
  const { port } = await startService({ dataDir: temporaryFolder().path });
  const [program = ""] = readmePrograms();

  const own = program.replace("127.0.0.1:50051", `127.0.0.1:${port}`);
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", own], { cwd: root });

  expect(own).not.toBe(program);
  expect(stdout.split("\n")).toEqual(["1n deployment.started", "stored build", "stored sign", "stored push", ""]);
});
