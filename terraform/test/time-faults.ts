import { mirrorSubscription } from "../../emulators/src/topology.ts";
import { limits as storeLimits } from "../../event-store/src/limits.ts";
import { limits as mirrorLimits } from "../../functions/mirror/src/limits.ts";
import { limits as webhookLimits } from "../../functions/webhooks/src/limits.ts";
import { limits as pageLimits } from "../../metrics-service/src/limits.ts";
import { limits as serviceLimits } from "../../run-service/src/limits.ts";
import { cloudRunService, ofType, type PlannedResource, theOnly } from "./planned-environment.ts";

// What Cloud Run gives a process after SIGTERM.
const endMsMax = 10_000;

/** Where a plan gives the code less time than it takes by its own limits, a sentence each. */
export function timeFaults(resources: readonly PlannedResource[]): readonly string[] {
  const mirror = theOnly(resources, "google_cloudfunctions2_function").service_config[0];
  const subscriptions = ofType(resources, "google_pubsub_subscription").map(({ values }) => values);
  const push = subscriptions.find(({ name }) => name === mirrorSubscription);
  const ofWebhooks = subscriptions.filter(({ name }) => name.endsWith("-webhooks"));
  const service = cloudRunService(resources, "activity-events").template[0];
  const page = cloudRunService(resources, "activity-page").template[0];
  const webhooks = cloudRunService(resources, "activity-webhooks").template[0];
  const { requestTimeMs, recordTimeMs, drainTimeMs: webhooksDrainTimeMs, bodyBytesMax, bodiesBytesMax } = webhookLimits;
  const streamMaxAge = service.containers[0].env.find(
    ({ name }: { name: string }) => name === "STREAM_MAX_AGE_SECONDS",
  );

  const { runTimeMs, sweepTimeMs, publishTimeMs } = mirrorLimits;
  const { firestoreCallTimeMs } = storeLimits;
  const { drainTimeMs } = serviceLimits;
  // What a run may have begun when its time is over: a chunk that is refused and its tombstone, the compare and set that is
  // lost, the head, and the poke. A sweep: a page, and of each deployment in it, all at once, position, head and poke.
  const runMs = runTimeMs + 3 * publishTimeMs + 3 * firestoreCallTimeMs;
  const sweepMs = sweepTimeMs + publishTimeMs + 4 * firestoreCallTimeMs;
  const functionMs = mirror.timeout_seconds * 1_000;
  const rules: Readonly<Record<string, boolean>> = {
    [`the function is ended before a run is, which takes up to ${runMs} ms`]: functionMs >= runMs,
    [`the function is ended before a sweep is, which takes up to ${sweepMs} ms`]: functionMs >= sweepMs,
    "a push comes again while the function is at work": push.ack_deadline_seconds * 1_000 >= functionMs,
    "a sweep begins another page when the next sweep has begun": sweepTimeMs < 60_000,
    "Cloud Run ends a stream before the service does":
      Number(streamMaxAge.value) * 1_000 + endMsMax < seconds(service.timeout) * 1_000,
    "Cloud Run ends a socket before the page does": pageLimits.socketAgeMs + endMsMax < seconds(page.timeout) * 1_000,
    "Cloud Run ends the page before it has drained": pageLimits.drainTimeMs < endMsMax,
    "Cloud Run ends the webhooks before they have drained": webhooksDrainTimeMs < endMsMax,
    "Cloud Run ends a webhook before it is answered": requestTimeMs + recordTimeMs < seconds(webhooks.timeout) * 1_000,
    "a push of the inbox comes again while the webhooks are at work":
      ofWebhooks.length > 0 &&
      ofWebhooks.every(({ ack_deadline_seconds }) => ack_deadline_seconds * 1_000 > recordTimeMs),
    "an instance takes more webhooks than it has room for":
      webhooks.max_instance_request_concurrency * bodyBytesMax <= 2 * bodiesBytesMax,
    "an instance takes more sockets than the page allows":
      page.max_instance_request_concurrency <= pageLimits.socketsMax,
    "Cloud Run ends the process before it has drained": drainTimeMs < endMsMax,
    "an instance takes more streams than the service allows":
      service.max_instance_request_concurrency <= serviceLimits.streamsMax,
    // Cloud Run may bring all of them over one connection.
    "an instance takes more calls than the service allows one connection":
      service.max_instance_request_concurrency <= serviceLimits.connectionCallsMax,
    "a run publishes another number of events than the code says":
      Number(mirror.environment_variables.MIRROR_RUN_EVENTS_MAX) === mirrorLimits.runEventsMax,
  };
  return Object.entries(rules)
    .filter(([, holds]) => !holds)
    .map(([fault]) => fault);
}

const seconds = (duration: string) => Number(duration.replace(/s$/, ""));
