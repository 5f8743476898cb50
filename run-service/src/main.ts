import { ConfigError } from "@activity-events/process/config-error";
import { asCalled } from "./commands/called-as.ts";
import type { CommandModule } from "./commands/command.ts";
import { ConfigSource } from "./config/config-source.ts";
import { configFileSetting, settings } from "./config/settings.ts";
import { build, version } from "./version.ts";

const usage = `activity_server ${version}: record, list and follow the events of deployments over gRPC.

Usage: activity_server [--accept-loss]
       activity_server check [--deep]
       activity_server backup FILE
       activity_server restore FILE
       activity_server --help | --version
       activity_server check|backup|restore --help

Without a command, runs the service. The commands work on its sqlite store:
  check          check the store's file while no service runs; --deep also compares SQLite's
                 indexes with its tables
  backup FILE    copy the store, also while it is in use, to a new file, and check the copy
  restore FILE   replace the store by a copy; the old files are kept beside it
  --accept-loss  start although acknowledged events are missing from the store's files; they are
                 then lost for good

In a checkout, run \`npm start\` and \`npm start -- --help\`.

Environment:
${[...settings, configFileSetting]
  .map(
    ({ name, default: value, description, isLive }) =>
      `  ${name.padEnd(22)}  ${description}\n${" ".repeat(26)}default: ${value}${isLive ? "; changes with CONFIG_FILE without a restart" : ""}`,
  )
  .join("\n")}

Exit codes:
  0  stopped by SIGTERM or SIGINT, or the command succeeded
  1  cannot run, or check found damage
  2  invalid settings or arguments
`;

// Loaded on demand, like the service, so that help and argument errors appear at once.
const commands: Readonly<Record<string, () => Promise<CommandModule>>> = {
  check: () => import("./commands/check.ts"),
  backup: () => import("./commands/backup.ts"),
  restore: () => import("./commands/restore.ts"),
};

const [argument, ...others] = process.argv.slice(2);
const command = Object.hasOwn(commands, argument ?? "") ? commands[argument ?? ""] : undefined;
if (argument === undefined) start({ acceptLoss: false });
else if (argument === "--accept-loss" && others.length === 0) start({ acceptLoss: true });
else if (command !== undefined) run(command);
else if (argument === "--help" || argument === "-h") process.stdout.write(usage);
else if (argument === "--version") process.stdout.write(`activity_server ${build}\n`);
else fail([`unknown argument ${[argument, ...others].join(" ")}; see --help`], 2);

async function run(load: () => Promise<CommandModule>): Promise<void> {
  try {
    const { run, help } = await load();
    if (others.some((other) => other === "--help" || other === "-h")) {
      process.stdout.write(asCalled([help], process.env).join(""));
      return;
    }
    const source = new ConfigSource(process.env, false);
    const { config } = await source.parse(await source.readText());
    await run(others, config.store);
  } catch (error) {
    failWith(error);
  }
}

async function start({ acceptLoss }: { readonly acceptLoss: boolean }): Promise<void> {
  try {
    const source = new ConfigSource(process.env, process.stdout.isTTY === true);
    const text = await source.readText();
    const { config } = await source.parse(text);
    const { start } = await import("./start.ts");
    await start({ config, source, text, acceptLoss });
  } catch (error) {
    failWith(error);
  }
}

function failWith(error: unknown): void {
  if (error instanceof ConfigError) fail(error.faults, 2);
  else fail((error as Error).message.split("\n"), 1);
}

function fail(lines: readonly string[], exitCode: number): void {
  const text = asCalled(lines, process.env)
    .map((line) => `activity_server: ${line}\n`)
    .join("");
  // Exit explicitly: the service may already listen and keep the process alive.
  process.stderr.write(text, () => process.exit(exitCode));
}
