import type { Config } from "./config.ts";
import { isFree } from "./free-port.ts";
import { plainLine } from "./plain-line.ts";
import { stackLine } from "./stack-line.ts";
import { type Emulators, startEmulators } from "./start-emulators.ts";
import { type Stack, startStack } from "./start-stack.ts";

/** Runs the whole system until a signal or the end of a part; returns the exit code. Throws when it cannot start. */
export async function runStack(config: Config): Promise<number> {
  const stopped = firstSignal();
  const started = await Promise.race([start(config), stopped]);
  // What has been started by then ends with this process.
  if (typeof started === "string") return 0;
  const { emulators, stack } = started;
  tell("stack", "");
  for (const line of introduction(started)) tell("stack", line);

  const died = Promise.race([stack.died, emulators.died]).then((line) => ({ line }));
  const end = await Promise.race([stopped, died]);
  const isDeath = typeof end !== "string";
  tell("stack", isDeath ? `${end.line}; the rest is taken down` : `${end}: everything is taken down`);
  await stack.stop();
  await emulators.stop();
  return isDeath ? 1 : 0;
}

interface Started {
  readonly emulators: Emulators;
  readonly stack: Stack;
}

async function start(config: Config): Promise<Started> {
  const { servicePort, emulatorPorts, sweepIntervalSeconds, projectId, pokeTopic, eventsTopic, environment } = config;
  if (servicePort !== 0 && !(await isFree(servicePort))) {
    throw new Error(`port ${servicePort}, where the service goes, is taken: stop what listens there, or set PORT`);
  }
  const report = (line: string) => tell("emulators", line);
  const emulators = await startEmulators({ environment, ports: emulatorPorts, report });
  const { firestoreHost, pubsubHost } = emulators;
  try {
    const stack = await startStack({
      environment: { ...environment, FIRESTORE_EMULATOR_HOST: firestoreHost, PUBSUB_EMULATOR_HOST: pubsubHost },
      projectId,
      services: 1,
      servicePort,
      pokeTopic,
      eventsTopic,
      sweepIntervalSeconds,
      subscriber: true,
      onLine: (part, line) => tell(part, plainLine(line)),
    });
    return { emulators, stack };
  } catch (error) {
    await emulators.stop();
    throw error;
  }
}

/** What runs where, and what to type next. */
function introduction({ stack, emulators }: Started): string[] {
  const [{ address } = { address: "" }] = stack.services;
  const flag = address === "127.0.0.1:50051" ? "" : ` --address ${address}`;
  const { firestoreHost, pubsubHost } = emulators;
  return [
    `The service listens on ${address}; the emulators, with project ${stack.projectId}, on ${firestoreHost} (Firestore) and ${pubsubHost} (Pub/Sub).`,
    "Record an event, in a second terminal, and see it arrive here at the subscriber:",
    `  npm run -s client -- add${flag} --deployment-id release-42 --type deployment.started --service api`,
    `  npm run -s client -- tail${flag} --deployment-id release-42`,
    "Ctrl-C stops everything, and what was stored is gone.",
  ];
}

/** Resolves with the first signal that asks to end. A later one ends this process at once, and with it everything. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        // npm sends on what the terminal has sent already: one Ctrl-C arrives twice.
        if (firstMs !== undefined && performance.now() - firstMs > 500) process.exit(1);
        firstMs ??= performance.now();
        resolve(signal);
      });
    }
  });
}

/** Writes a line behind the name of the part that it comes from. */
function tell(part: string, line: string): void {
  process.stdout.write(stackLine(part, line));
}
