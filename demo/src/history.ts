import type { DemoEvent } from "./demo-event.ts";
import type { Rollout } from "./rollout.ts";
import { queuedEvent, startedEvent } from "./rollout-events.ts";
import { type HistoryOptions, ServiceHistory } from "./service-history.ts";
import { services } from "./services.ts";

const minuteMs = 60_000;

/** Invented past, and what comes next. */
export interface History {
  /** Events in the order of their times. */
  readonly events: readonly DemoEvent[];
  /** Roll-out that has started and goes on. */
  readonly inFlight: Rollout;
  /** Plans another roll-out to production, of one service after the other. */
  next(queuedMs: number): Rollout;
}

/** Invents three weeks of the shop, up to a moment. The same options make the same history. */
export function historyOf(options: HistoryOptions): History {
  const { untilMs } = options;
  const histories = services.map((service) => new ServiceHistory(options, service));
  const living = histories.filter((_, index) => !services[index]?.isRemoved);
  let turn = 0;
  const next = (queuedMs: number) => {
    const history = living[turn++ % living.length] as ServiceHistory;
    const change = history.change(queuedMs - 8 * minuteMs);
    return { ...history.plan("production", change, queuedMs), ending: "success" } as const;
  };
  const inFlight = next(untilMs - 2 * minuteMs);
  openLastIncident(histories, untilMs);
  const events = [...histories.flatMap(({ events }) => events), queuedEvent(inFlight), startedEvent(inFlight)];
  return { events: events.sort((one, other) => one.timeMs - other.timeMs), inFlight, next };
}

/** Something is always open: an incident since the latest roll-out to production that has been out for a while. */
function openLastIncident(histories: readonly ServiceHistory[], untilMs: number): void {
  const candidates = histories.flatMap((history) => {
    const rollout = history.running.get("production");
    const isOut =
      rollout?.ending === "success" && !rollout.service.isRemoved && rollout.finishedMs < untilMs - 60 * minuteMs;
    return isOut ? [{ history, rollout }] : [];
  });
  const [latest] = candidates.sort((one, other) => other.rollout.finishedMs - one.rollout.finishedMs);
  latest?.history.openIncident(latest.rollout, untilMs - 35 * minuteMs);
}
