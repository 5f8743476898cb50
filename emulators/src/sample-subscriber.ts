// Prints the events that the mirror publishes, once and in order per deployment. docs/subscribing.md explains it.
import { escapeControls } from "@activity-events/client";
import { Duration, type Message, PubSub, SubscriptionCloseBehaviors } from "@google-cloud/pubsub";

const { GOOGLE_CLOUD_PROJECT = "", SUBSCRIPTION = "deployment-events-sample" } = process.env;
const pubsub = new PubSub({ projectId: GOOGLE_CLOUD_PROJECT });
const subscription = pubsub.subscription(SUBSCRIPTION, {
  closeOptions: { behavior: SubscriptionCloseBehaviors.WaitForProcessing, timeout: Duration.from({ seconds: 5 }) },
});

// Last handled sequence of each deployment. Store it with your results, in the same transaction.
const lastSequences = new Map<string, number>();

// Pending work of each deployment: the library delivers the next message before the previous one is handled.
const underWay = new Map<string, Promise<void>>();

subscription.on("message", (message: Message) => {
  const deploymentId = message.attributes.deployment_id ?? "";
  const before = underWay.get(deploymentId) ?? Promise.resolve();
  const now = before.then(() => take(deploymentId, message));
  underWay.set(deploymentId, now);
  now.then(() => {
    if (underWay.get(deploymentId) === now) underWay.delete(deploymentId);
  });
});

async function take(deploymentId: string, message: Message): Promise<void> {
  const sequence = Number(message.attributes["ce-sequence"]);
  const last = lastSequences.get(deploymentId);
  try {
    if (last === undefined || sequence > last) {
      if (last !== undefined && sequence > last + 1) await handleGap(deploymentId, last + 1, sequence - 1);
      await handle(deploymentId, sequence, message);
      lastSequences.set(deploymentId, sequence);
    }
    message.ack();
  } catch (error) {
    // Pub/Sub delivers it again, followed by the later messages of its deployment.
    console.error(inOneLine(deploymentId, sequence, error));
    message.nack();
  }
}

async function handle(deploymentId: string, sequence: number, message: Message): Promise<void> {
  const type = message.attributes["ce-type"];
  const event = JSON.parse(message.data.toString());
  // A tombstone: the mirror could not publish the event. The store may still have it, unless its deployment was purged.
  const isTombstone = type === "activityevents.tombstone";
  console.log(inOneLine(deploymentId, sequence, type, isTombstone ? event.reason : (event.message ?? "")));
  if (type === "activityevents.redacted") await forgetEvent(deploymentId, event.data.sequence);
  if (type === "activityevents.purged" || (isTombstone && event.reason === "PURGED"))
    await forgetDeployment(deploymentId);
}

// This sample keeps nothing of the events. Yours removes here what it kept, but never `last`: messages may still repeat.
async function forgetEvent(deploymentId: string, sequence: number): Promise<void> {
  console.log(inOneLine(deploymentId, sequence, "was redacted: remove your copy"));
}

async function forgetDeployment(deploymentId: string): Promise<void> {
  console.log(inOneLine(deploymentId, "all", "was purged: remove your copies"));
}

async function handleGap(deploymentId: string, from: number, to: number): Promise<void> {
  console.log(inOneLine(deploymentId, `${from}-${to}`, "did not arrive: read them from the store"));
}

// The text comes from others and could break the line or control the terminal.
function inOneLine(...cells: readonly unknown[]): string {
  return cells.map((cell) => escapeControls(`${cell}`)).join("\t");
}

subscription.on("error", (error) => {
  console.error(inOneLine(`the subscription ${SUBSCRIPTION} cannot be read: ${error.message}`));
  process.exit(1);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await subscription.close();
    await pubsub.close();
  });
}
