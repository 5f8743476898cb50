import { type MigrationProgress, openEventStore, type ScrubReport } from "@activity-events/event-store";
import { ConfigError, readConfig, settings, sqliteOf } from "./config.ts";
import { contentCodec } from "./content-codec.ts";
import { MigrationLog } from "./migration-log.ts";
import { ScrubLog } from "./scrub-log.ts";
import { build, version } from "./version.ts";

const usage = `activity_server ${version}: records, lists and follows the events of deployments, over gRPC.

Usage: activity_server [--accept-loss]
       activity_server check [--deep]
       activity_server backup FILE
       activity_server restore FILE
       activity_server --help | --version

Without a command it serves. The commands are for the sqlite store that it would open:
  check          proves the store's file, from outside and while no service runs; --deep also has SQLite
                 compare its indexes with its tables
  backup FILE    copies the store, which may be in use, into a new file, and checks the copy
  restore FILE   puts a copy in the store's place, and keeps what is there beside it
  --accept-loss  starts though events that were acknowledged are missing from the store's files, which
                 it otherwise refuses; they are lost for good then

In a checkout it is \`npm start\`, and \`npm start -- --help\`.

It is set up by environment variables:
${settings.map(({ name, default: value, description }) => `  ${name.padEnd(22)}  ${description}\n${" ".repeat(26)}default: ${value}`).join("\n")}

Exit codes: 0 stopped by SIGTERM or SIGINT, or the command did its work; 1 cannot run, or check found damage;
2 wrong settings or arguments.
`;

// Loaded when they are asked for: the service is to start at once.
const commands = {
  check: () => import("./commands/check.ts"),
  backup: () => import("./commands/backup.ts"),
  restore: () => import("./commands/restore.ts"),
};

const [argument, ...others] = process.argv.slice(2);
const command = Object.hasOwn(commands, argument ?? "") ? commands[argument as keyof typeof commands] : undefined;
if (argument === undefined) start({ acceptLoss: false });
else if (argument === "--accept-loss" && others.length === 0) start({ acceptLoss: true });
else if (command !== undefined) run(command);
else if (argument === "--help" || argument === "-h") process.stdout.write(usage);
else if (argument === "--version") process.stdout.write(`activity_server ${build}\n`);
else fail([`unknown argument ${[argument, ...others].join(" ")}; see --help`], 2);

async function run(load: (typeof commands)[keyof typeof commands]): Promise<void> {
  try {
    const { run } = await load();
    const { store } = readConfig(process.env, false);
    await run(others, store);
  } catch (error) {
    failWith(error);
  }
}

async function start({ acceptLoss }: { readonly acceptLoss: boolean }): Promise<void> {
  try {
    const config = readConfig(process.env, process.stdout.isTTY === true);
    const settings = acceptLoss ? { ...sqliteOf(config.store), acceptLoss } : config.store;
    const migrations = new MigrationLog(config);
    const onMigration = (progress: MigrationProgress) => migrations.tell(progress);
    const scrubs = new ScrubLog();
    const onScrub = (report: ScrubReport) => void scrubs.tell(report);
    const store = await openEventStore(settings, contentCodec, { onMigration, onScrub });
    await migrations.flush();
    // After the store is open: what cannot be opened is said at once.
    const { startService } = await import("./service.ts");
    await startService({ config, store, scrubs });
  } catch (error) {
    failWith(error);
  }
}

function failWith(error: unknown): void {
  if (error instanceof ConfigError) fail(error.faults, 2);
  else fail((error as Error).message.split("\n"), 1);
}

function fail(lines: readonly string[], exitCode: number): void {
  const text = lines.map((line) => `activity_server: ${line}\n`).join("");
  // The service may be listening, and whoever called waits for it.
  process.stderr.write(text, () => process.exit(exitCode));
}
