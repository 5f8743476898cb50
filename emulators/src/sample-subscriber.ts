// Prints what the mirror publishes: the events of each deployment once and in order. docs/subscribing.md explains it.
import { escapeControls } from "@activity-events/client";
import { Duration, type Message, PubSub, SubscriptionCloseBehaviors } from "@google-cloud/pubsub";

const { GOOGLE_CLOUD_PROJECT = "", SUBSCRIPTION = "deployment-events-sample" } = process.env;
const pubsub = new PubSub({ projectId: GOOGLE_CLOUD_PROJECT });
const subscription = pubsub.subscription(SUBSCRIPTION, {
  closeOptions: { behavior: SubscriptionCloseBehaviors.WaitForProcessing, timeout: Duration.from({ seconds: 5 }) },
});

// How far each deployment is handled. Keep it where you keep what you make of the events, in the same transaction.
const lastSequences = new Map<string, number>();

// What is under way for each deployment: the library does not wait for one message before it hands over the next.
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
    // It comes again, and after it what follows it in its deployment.
    console.error(inOneLine(deploymentId, sequence, error));
    message.nack();
  }
}

async function handle(deploymentId: string, sequence: number, message: Message): Promise<void> {
  const type = message.attributes["ce-type"];
  const event = JSON.parse(message.data.toString());
  // The mirror could not publish this event as it is; the store may still have it.
  const text = type === "activityevents.tombstone" ? event.reason : (event.message ?? "");
  console.log(inOneLine(deploymentId, sequence, type, text));
}

async function handleGap(deploymentId: string, from: number, to: number): Promise<void> {
  console.log(inOneLine(deploymentId, `${from}-${to}`, "did not arrive: read them from the store"));
}

// All of it comes from others, who could break the line or steer the terminal.
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
