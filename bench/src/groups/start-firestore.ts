import { ActivityEventsClient } from "@activity-events/client";
import { type Emulators, NoEmulatorsError, randomProjectId, startEmulators } from "@activity-events/emulators";
import { freePort } from "@activity-events/testing/free-port";
import { type Group, MissingToolError } from "../contender.ts";
import { type Launch, launchContender } from "../launch-contender.ts";
import type { Scratch } from "../scratch.ts";
import { launchActivityService } from "../servers/activity-service.ts";
import { untilServing } from "../servers/until-serving.ts";
import { launchEmbedded } from "./start-up.ts";

/** Start-up on Firestore, with a warm emulator. */
export function startFirestore(): Group {
  return {
    name: "start-firestore",
    title: "From the start of the process, with STORE=firestore",
    contenders: [
      launchContender({
        rows: [
          ["start-firestore/serving", "STORE=firestore, to the first SERVING"],
          ["start-firestore/created", "STORE=firestore, to the first acknowledged CreateEvent"],
        ],
        prepare: async (scratch) => {
          const emulators = await start(scratch);
          return { launch: await onEmulators(scratch, emulators), close: () => emulators.stop() };
        },
      }),
      launchContender({
        rows: [["start-firestore/embedded", "embedded, to the first SERVING"]],
        prepare: async (scratch) => ({ launch: () => launchEmbedded(scratch) }),
      }),
    ],
  };
}

async function start({ report }: Scratch): Promise<Emulators> {
  try {
    return await startEmulators({ environment: process.env, report });
  } catch (error) {
    if (error instanceof NoEmulatorsError) throw new MissingToolError(error.message, { cause: error });
    throw error;
  }
}

async function onEmulators(scratch: Scratch, { firestoreHost, pubsubHost }: Emulators): Promise<Launch> {
  const projectId = randomProjectId();
  const environment = {
    STORE: "firestore",
    GOOGLE_CLOUD_PROJECT: projectId,
    FIRESTORE_EMULATOR_HOST: firestoreHost,
    PUBSUB_EMULATOR_HOST: pubsubHost,
    METADATA_SERVER_DETECTION: "none",
  };
  await createPokeTopic(projectId, pubsubHost);
  let launches = 0;
  return async () => {
    const port = await freePort();
    const begun = performance.now();
    const started = launchActivityService(scratch, { port, environment });
    await untilServing(started, port);
    const served = performance.now();
    launches += 1;
    const client = new ActivityEventsClient({ address: `127.0.0.1:${port}`, tls: false });
    const deploymentId = `started-${launches}`;
    const { event } = await client.createEvent({ event: { deploymentId, message: "the first" } });
    const created = performance.now();
    const stored = await client.getEvent({ deploymentId, eventId: event?.eventId ?? "" });
    if (stored.sequence !== 1n) throw new Error(`${stored.name} is stored as ${stored.sequence}, not as the first`);
    client.close();
    await started.kill();
    return [served - begun, created - begun];
  };
}

async function createPokeTopic(projectId: string, pubsubHost: string): Promise<void> {
  const topic = `http://${pubsubHost}/v1/projects/${projectId}/topics/activity-pokes`;
  const { ok, status } = await fetch(topic, { method: "PUT" });
  if (!ok) throw new Error(`the Pub/Sub emulator refuses the topic of the pokes: ${status}`);
}
