import type { EventInit } from "@activity-events/client";
import type { Activity } from "./activity.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const services = ["catalog", "checkout", "search"];

const timestampOf = (ms: number) => ({
  seconds: BigInt(Math.floor(ms / 1_000)),
  nanos: Math.floor(ms % 1_000) * 1_000_000,
});

/** Times of one deployment, in ms since 1970. */
interface Delivery {
  readonly deploymentId: string;
  readonly service: string;
  readonly environment: string;
  readonly finishMs: number;
}

/** Records a deployment that ends like this. An outcome is the number of the contract. */
export async function recordDelivery(
  activity: Activity,
  { finishMs, ...names }: Delivery,
  end: { readonly outcome: 1 | 2 | 3 | 4; readonly leadMs?: number; readonly incidentAfterMs?: number },
): Promise<void> {
  const { outcome, leadMs, incidentAfterMs } = end;
  const commit = leadMs === undefined ? {} : { commit: "c1", commitTime: timestampOf(finishMs - leadMs) };
  const events: EventInit[] = [
    { ...names, ...commit, type: "deployment.started", sendTime: timestampOf(finishMs - 4 * 60_000) },
    { ...names, type: "deployment.finished", outcome, sendTime: timestampOf(finishMs) },
  ];
  if (incidentAfterMs !== undefined) {
    events.push({ ...names, type: "incident.opened", sendTime: timestampOf(finishMs + incidentAfterMs) });
  }
  await activity.client.batchCreateEvents({ deploymentId: names.deploymentId, events });
}

/** Records some weeks of three services in production and staging, always the same but for the time. */
export async function recordWeeks(activity: Activity, nowMs: number, days = 40): Promise<void> {
  let made = 0;
  for (let day = days; day >= 0; day -= 1) {
    for (const [index, service] of services.entries()) {
      for (const environment of ["production", "staging"]) {
        made += 1;
        const isWeekend = new Date(nowMs - day * dayMs).getUTCDay() % 6 === 0;
        if (isWeekend || (made * 7) % 4 === 0) continue;
        const finishMs = nowMs - day * dayMs - ((made * 37) % 20) * hourMs - hourMs;
        const outcome = made % 11 === 0 ? 2 : made % 31 === 0 ? 3 : made % 37 === 0 ? 4 : 1;
        const leadMs = ((made * made * 13) % 97) ** 2 * 60_000 + 20 * 60_000;
        await recordDelivery(
          activity,
          { deploymentId: `${service}-${environment}-${made}`, service, environment, finishMs },
          {
            outcome,
            ...(made % 9 === index ? {} : { leadMs }),
            ...(made % 29 === 0 ? { incidentAfterMs: 30 * 60_000 } : {}),
          },
        );
      }
    }
  }
}
