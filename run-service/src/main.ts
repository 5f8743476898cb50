import { type DifferingFields, openEventStore } from "@activity-events/event-store";
import { ConfigError, readConfig, settings } from "./config.ts";
import { MigrationLog } from "./migration-log.ts";
import { build, version } from "./version.ts";

const usage = `activity_server ${version}: records, lists and follows the events of deployments, over gRPC.

Usage: activity_server
       activity_server --help | --version

In a checkout it is \`npm start\`, and \`npm start -- --help\`.

It is set up by environment variables:
${settings.map(({ name, default: value, description }) => `  ${name.padEnd(22)}  ${description}\n${" ".repeat(26)}default: ${value}`).join("\n")}

Exit codes: 0 stopped by SIGTERM or SIGINT, 1 cannot run, 2 wrong settings or arguments.
`;

const [argument, ...others] = process.argv.slice(2);
if (argument === undefined) start();
else if (argument === "--help" || argument === "-h") process.stdout.write(usage);
else if (argument === "--version") process.stdout.write(`activity_server ${build}\n`);
else fail([`unknown argument ${[argument, ...others].join(" ")}; see --help`], 2);

async function start(): Promise<void> {
  try {
    const config = readConfig(process.env, process.stdout.isTTY === true);
    let differingFields: DifferingFields | undefined;
    const migrations = new MigrationLog(config);
    const store = await openEventStore(
      config.store,
      (stored, offered) => {
        if (differingFields === undefined) throw new Error("an append came before what reads its content");
        return differingFields(stored, offered);
      },
      { onMigration: (progress) => migrations.tell(progress) },
    );
    await migrations.flush();
    // After the store is open: what cannot be opened is said at once.
    const { startService } = await import("./service.ts");
    await startService({
      config,
      store,
      onCodec: (loaded) => {
        differingFields = loaded;
      },
    });
  } catch (error) {
    if (error instanceof ConfigError) fail(error.faults, 2);
    else fail([(error as Error).message], 1);
  }
}

function fail(lines: readonly string[], exitCode: number): void {
  const text = lines.map((line) => `activity_server: ${line}\n`).join("");
  // The service may be listening, and whoever called waits for it.
  process.stderr.write(text, () => process.exit(exitCode));
}
