import { Outcome, Severity } from "@activity-events/client";
import { type DemoEvent, type EventFields, rolloutEvent, timestamp } from "./demo-event.ts";
import type { Ending, Rollout } from "./rollout.ts";
import { rolloutSteps } from "./rollout-steps.ts";

const outcomes: Readonly<Record<Ending, Outcome>> = {
  success: Outcome.SUCCESS,
  incident: Outcome.SUCCESS,
  rolledback: Outcome.FAILURE,
  failure: Outcome.FAILURE,
  error: Outcome.ERROR,
  canceled: Outcome.CANCELED,
};

const endings: Readonly<Record<Ending, string>> = {
  success: "all instances run the new revision",
  incident: "all instances run the new revision",
  rolledback: "error rate of the new instances is above 2 %",
  failure: "readiness probe failed 5 times: HTTP 503",
  error: "the pipeline lost its runner",
  canceled: "superseded by a newer revision",
};

/** The events of a roll-out, in the order of their times. */
export function rolloutEvents(rollout: Rollout): readonly DemoEvent[] {
  const { startedMs, finishedMs, ending, service } = rollout;
  const steps = rolloutSteps(rollout);
  // A roll-out that was cut short did not get to its last steps.
  const taken = ending === "success" || ending === "incident" ? steps : steps.slice(0, Math.ceil(steps.length * 0.6));
  const stepMs = (finishedMs - startedMs) / (taken.length + 1);
  return [
    queuedEvent(rollout),
    startedEvent(rollout),
    ...taken.map((step, index) => stepEvent(rollout, startedMs + stepMs * (index + 1), index, step)),
    finishedEvent(rollout, finishedMs, { planned: steps.length, done: taken.length }),
    ...(ending === "rolledback"
      ? [
          rolloutEvent(rollout, finishedMs + 95_000, {
            eventId: "rolledback",
            type: "deployment.rolledback",
            severity: Severity.WARNING,
            message: `back on the revision before; ${service.instances} instances replaced`,
          }),
        ]
      : []),
  ];
}

/** The first event of a roll-out, which says what is rolled out. */
export function queuedEvent(rollout: Rollout): DemoEvent {
  const { change, service, queuedMs, run } = rollout;
  const repository = `https://github.com/acme/${service.name}`;
  return rolloutEvent(rollout, queuedMs, {
    eventId: "queued",
    type: "deployment.queued",
    actor: change.author,
    revision: change.revision,
    commit: change.commit,
    commitTime: timestamp(change.commitMs),
    source: repository,
    url: `${repository}/actions/runs/${run}`,
    labels: { team: service.team, trigger: change.isHotfix ? "hotfix" : "merge" },
  });
}

/** The event with which the roll-out begins. */
export function startedEvent(rollout: Rollout): DemoEvent {
  return rolloutEvent(rollout, rollout.startedMs, {
    eventId: "started",
    type: "deployment.started",
    message: `rolling out to ${rollout.environment}`,
  });
}

/** The event of a step, counted from 0. */
export function stepEvent(rollout: Rollout, timeMs: number, index: number, step: EventFields): DemoEvent {
  return rolloutEvent(rollout, timeMs, {
    eventId: `step-${index + 1}`,
    type: "deployment.progress",
    ...step,
  });
}

/** The event with which the roll-out ends, at a time that may differ from the plan. */
export function finishedEvent(
  rollout: Rollout,
  timeMs: number,
  steps: { readonly planned: number; readonly done: number },
): DemoEvent {
  const { ending, startedMs } = rollout;
  const outcome = outcomes[ending];
  return rolloutEvent(rollout, timeMs, {
    eventId: "finished",
    type: "deployment.finished",
    outcome,
    severity: severities[outcome],
    message: endings[ending],
    data: { duration_ms: Math.round(timeMs - startedMs), steps },
  });
}

const severities: Readonly<Record<Outcome, Severity>> = {
  [Outcome.UNSPECIFIED]: Severity.INFO,
  [Outcome.SUCCESS]: Severity.NOTICE,
  [Outcome.CANCELED]: Severity.INFO,
  [Outcome.FAILURE]: Severity.ERROR,
  [Outcome.ERROR]: Severity.ERROR,
};
