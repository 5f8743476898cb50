import type { SeededChoices } from "./seeded-choices.ts";
import type { DemoService, Environment } from "./services.ts";

/** A change of a service's source. */
export interface Change {
  readonly revision: string;
  readonly commit: string;
  readonly commitMs: number;
  readonly author: string;
  readonly isHotfix: boolean;
}

/** How a roll-out ends. An incident comes later, after a success. */
export type Ending = "success" | "failure" | "error" | "canceled" | "rolledback" | "incident";

/** One deployment of a change. */
export interface Rollout {
  readonly deploymentId: string;
  readonly environment: Environment;
  readonly service: DemoService;
  readonly change: Change;
  readonly run: number;
  readonly queuedMs: number;
  readonly startedMs: number;
  readonly finishedMs: number;
  readonly ending: Ending;
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;

/** Plans a roll-out: when it starts, how long it takes and how it ends. */
export function planRollout(
  choices: SeededChoices,
  fixed: Pick<Rollout, "deploymentId" | "environment" | "service" | "change" | "run" | "queuedMs">,
): Rollout {
  const { environment, service, queuedMs, change } = fixed;
  const ending = change.isHotfix ? "success" : chooseEnding(choices, environment);
  const share = environment === "production" ? 1 : 0.5;
  const isCutShort = ending !== "success" && ending !== "incident" && ending !== "rolledback";
  const pace = (0.75 + choices.fraction() * 0.6) * (isCutShort ? 0.2 + choices.fraction() * 0.7 : 1);
  const startedMs = queuedMs + choices.between(4, 50) * secondMs;
  return { ...fixed, ending, startedMs, finishedMs: startedMs + service.rolloutMinutes * minuteMs * share * pace };
}

function chooseEnding(choices: SeededChoices, environment: Environment): Ending {
  const weights: Readonly<Record<Environment, readonly (readonly [Ending, number])[]>> = {
    dev: [
      ["failure", 0.12],
      ["error", 0.03],
      ["canceled", 0.05],
    ],
    staging: [
      ["failure", 0.08],
      ["error", 0.02],
      ["canceled", 0.03],
    ],
    production: [
      ["failure", 0.05],
      ["rolledback", 0.05],
      ["incident", 0.05],
      ["canceled", 0.02],
    ],
  };
  let fraction = choices.fraction();
  for (const [ending, weight] of weights[environment]) {
    if (fraction < weight) return ending;
    fraction -= weight;
  }
  return "success";
}
