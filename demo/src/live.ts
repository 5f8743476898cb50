import { setTimeout as sleep } from "node:timers/promises";
import type { ActivityEventsClient } from "@activity-events/client";
import { type DemoEvent, eventInit } from "./demo-event.ts";
import type { History } from "./history.ts";
import type { Rollout } from "./rollout.ts";
import { finishedEvent, queuedEvent, startedEvent, stepEvent } from "./rollout-events.ts";
import { rolloutSteps } from "./rollout-steps.ts";

interface LiveOptions {
  readonly client: ActivityEventsClient;
  readonly history: History;
  /** Time between two events, in ms. */
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  /** Told of each roll-out that begins. */
  readonly onRollout: (rollout: Rollout) => void;
}

/** Goes on with the deployment in flight, event by event, and with another after it, until the signal; it ends CANCELED then. */
export async function goOnLive({ client, history, intervalMs, signal, onRollout }: LiveOptions): Promise<void> {
  const record = (event: DemoEvent) => client.createEvent({ event: eventInit(event) });
  for (let rollout = history.inFlight; ; ) {
    onRollout(rollout);
    const steps = rolloutSteps(rollout);
    for (const [index, step] of steps.entries()) {
      if (await isOver(intervalMs, signal)) {
        await record(
          finishedEvent({ ...rollout, ending: "canceled" }, Date.now(), { planned: steps.length, done: index }),
        );
        return;
      }
      await record(stepEvent(rollout, Date.now(), index, step));
    }
    await record(finishedEvent(rollout, Date.now(), { planned: steps.length, done: steps.length }));
    if (await isOver(2 * intervalMs, signal)) return;
    const now = Date.now();
    rollout = { ...history.next(now), startedMs: now };
    await record(queuedEvent(rollout));
    await record(startedEvent(rollout));
  }
}

async function isOver(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch(() => {});
  return signal.aborted;
}
