// `npm run demo`: fills a running service with an invented past, and goes on live.
import { ActivityEventsClient } from "@activity-events/client";
import { type Arguments, ArgumentsError, help, readArguments } from "./arguments.ts";
import { fill, isEmpty } from "./fill.ts";
import { historyOf } from "./history.ts";
import { goOnLive } from "./live.ts";
import { reach } from "./reach.ts";

/** Time between two live events, in ms: soon enough to watch, slow enough to read. */
const intervalMs = 3_000;

process.exitCode = await main(process.argv.slice(2), process.env);

async function main(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  try {
    const given = readArguments(args, environment, Date.now());
    if (given === undefined) process.stdout.write(help);
    else return await run(given, environment.PAGE_PORT || "50080");
    return 0;
  } catch (error) {
    process.stderr.write(`demo: ${(error as Error).message}\n`);
    return error instanceof ArgumentsError ? 2 : 1;
  }
}

async function run({ address, add, live, seed, untilMs }: Arguments, pagePort: string): Promise<number> {
  const client = new ActivityEventsClient({ address, tls: false });
  try {
    await reach(client, address);
    if (!add && !(await isEmpty(client))) {
      process.stderr.write(
        `demo: the store of ${address} is not empty; start the service with another DATA_DIR, or add to it with --add\n`,
      );
      return 1;
    }
    const history = historyOf({ seed, untilMs, idSuffix: add ? `-${untilMs.toString(36)}` : "" });
    const stored = await fill(client, history.events);
    const deployments = new Set(history.events.map(({ deploymentId }) => deploymentId)).size;
    process.stdout.write(`${stored} events of ${deployments} deployments are recorded.\n${toOpen(pagePort)}`);
    if (live) await goOn(client, history);
    return 0;
  } finally {
    client.close();
  }
}

function toOpen(pagePort: string): string {
  // With port 0 only the page itself knows which one it got.
  const page =
    pagePort === "0"
      ? "the page: at the url that `npm start` prints"
      : `http://127.0.0.1:${pagePort}   the page of \`npm start\``;
  return `  ${page}\n  npm run -s client -- deployments\n  npm run -s client -- tail\n`;
}

async function goOn(client: ActivityEventsClient, history: ReturnType<typeof historyOf>): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  // npm is gone, and nobody can press Ctrl-C. The listener alone must not keep this process alive.
  process.once("disconnect", () => stop.abort());
  process.channel?.unref();
  process.stdout.write("Live until Ctrl-C:\n");
  const onRollout = ({ deploymentId }: { readonly deploymentId: string }) =>
    process.stdout.write(`  ${deploymentId}\n`);
  await goOnLive({ client, history, intervalMs, signal: stop.signal, onRollout });
}
