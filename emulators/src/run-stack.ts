import type { Config } from "./config.ts";
import { isFree } from "./free-port.ts";
import { plainLine } from "./plain-line.ts";
import { stackLine } from "./stack-line.ts";
import { type Emulators, startEmulators } from "./start-emulators.ts";
import { type Stack, startStack } from "./start-stack.ts";

/** Runs the whole system until a signal, or until a process exits. Returns the exit code. Throws if it cannot start. */
export async function runStack(config: Config): Promise<number> {
  const stopped = firstSignal();
  const started = await Promise.race([start(config), stopped]);
  // Processes started so far end with this one.
  if (typeof started === "string") return 0;
  const { emulators, stack } = started;
  tell("stack", "");
  for (const line of introduction(started, config)) tell("stack", line);

  const died = Promise.race([stack.died, emulators.died]).then((line) => ({ line }));
  const end = await Promise.race([stopped, died]);
  const isDeath = typeof end !== "string";
  tell("stack", isDeath ? `${end.line}; stopping the rest` : `${end}: stopping`);
  await stack.stop();
  await emulators.stop();
  return isDeath ? 1 : 0;
}

interface Started {
  readonly emulators: Emulators;
  readonly stack: Stack;
}

async function start(config: Config): Promise<Started> {
  const { servicePort, pagePort, webhooksPort, webhooksToken, emulatorPorts, environment } = config;
  const { sweepIntervalSeconds, projectId, pokeTopic, eventsTopic } = config;
  for (const [port, name, part] of [
    [servicePort, "PORT", "service"],
    [pagePort, "PAGE_PORT", "page"],
    [webhooksPort, "WEBHOOKS_PORT", "webhooks"],
  ] as const) {
    if (port === 0 || (await isFree(port))) continue;
    throw new Error(
      `port ${port} is in use: stop the process that listens there, or set ${name} to another port for the ${part}`,
    );
  }
  const report = (line: string) => tell("emulators", line);
  const emulators = await startEmulators({ environment, ports: emulatorPorts, report });
  const { firestoreHost, pubsubHost } = emulators;
  try {
    const stack = await startStack({
      environment: {
        ...environment,
        FIRESTORE_EMULATOR_HOST: firestoreHost,
        PUBSUB_EMULATOR_HOST: pubsubHost,
        WEBHOOKS_TOKEN: webhooksToken,
      },
      projectId,
      services: 1,
      servicePort,
      pagePort,
      webhooksPort,
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

/** Describes the running system, and commands to try. */
function introduction({ stack, emulators }: Started, { webhooksToken }: Config): string[] {
  const [{ address } = { address: "" }] = stack.services;
  const flag = address === "127.0.0.1:50051" ? "" : ` --address ${address}`;
  const { firestoreHost, pubsubHost } = emulators;
  return [
    `The service listens on ${address}. The emulators, with project ${stack.projectId}, listen on ${firestoreHost} (Firestore) and ${pubsubHost} (Pub/Sub).`,
    `The page shows it live: ${stack.page?.url}`,
    "In a second terminal, record an event. The subscriber prints it here:",
    `  npm run -s client -- add${flag} --deployment-id release-42 --type deployment.started --service api`,
    `  npm run -s client -- tail${flag} --deployment-id release-42`,
    "Or have the webhooks take it in, by way of their inbox:",
    `  curl ${stack.webhooks?.url}/cloudevents -H 'authorization: Bearer ${webhooksToken}' -H 'content-type: application/cloudevents+json' -d '${sample}'`,
    "Ctrl-C stops everything; the emulators keep no data.",
  ];
}

const sample = JSON.stringify({
  specversion: "1.0",
  id: "1",
  source: "/ci",
  type: "deployment.started",
  subject: "release-43",
  data: { service: "api" },
});

/** Resolves with the first signal. A second one ends this process, and with it all others, at once. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        // npm forwards a Ctrl-C that the terminal has already sent, so it arrives twice.
        if (firstMs !== undefined && performance.now() - firstMs > 500) process.exit(1);
        firstMs ??= performance.now();
        resolve(signal);
      });
    }
  });
}

/** Writes a line after the name of its part. */
function tell(part: string, line: string): void {
  process.stdout.write(stackLine(part, line));
}
