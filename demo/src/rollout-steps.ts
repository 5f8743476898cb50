import { Severity } from "@activity-events/client";
import type { EventFields } from "./demo-event.ts";
import type { Rollout } from "./rollout.ts";
import { seededChoices } from "./seeded-choices.ts";

/** What a roll-out reports on its way, without ids and times. */
export function rolloutSteps({ deploymentId, environment, service, run }: Rollout): readonly EventFields[] {
  const choices = seededChoices(run, deploymentId);
  const instances = environment === "production" ? service.instances : 2;
  const steps: EventFields[] = [
    {
      message: `image pulled, ${choices.between(48, 190)} MB`,
      data: { image: { digest: `sha256:${choices.hex(64)}`, layers: choices.between(6, 14) } },
    },
  ];
  if (choices.happens(0.25)) {
    const tables = choices.between(1, 3);
    steps.push({ message: `migrated ${tables} table${tables === 1 ? "" : "s"}`, labels: { step: "migration" } });
  }
  if (environment !== "production") {
    const tests = choices.between(80, 420);
    steps.push({
      message: `${tests} tests passed against ${environment}`,
      data: { tests: { passed: tests, failed: 0, skipped: choices.between(0, 4) } },
    });
  }
  const batch = Math.max(1, Math.ceil(instances / 4));
  for (let ready = Math.min(batch, instances); ; ready = Math.min(instances, ready + batch)) {
    if (choices.happens(0.08)) {
      steps.push({
        severity: Severity.WARNING,
        message: "an instance needed 41 s to become ready",
        labels: { step: "rollout" },
      });
    }
    steps.push({
      message: `${ready} of ${instances} instances are ready`,
      labels: { step: "rollout" },
      data: { ready, instances },
    });
    if (ready === instances) return steps;
  }
}
