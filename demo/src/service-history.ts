import { Severity } from "@activity-events/client";
import { type DemoEvent, rolloutEvent } from "./demo-event.ts";
import { type Change, planRollout, type Rollout } from "./rollout.ts";
import { rolloutEvents } from "./rollout-events.ts";
import { type SeededChoices, seededChoices } from "./seeded-choices.ts";
import { type DemoService, type Environment, environments } from "./services.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Days that the history goes back. */
const historyDays = 21;

/** Days ago of the end of a service that was removed. */
const removedDaysAgo = 4;

/** A past of which one seed makes one version. */
export interface HistoryOptions {
  readonly seed: number;
  /** End of the history, in ms since 1970. */
  readonly untilMs: number;
  /** End of every deployment's id, which keeps a second demo in one store apart. */
  readonly idSuffix: string;
}

/** Invents the events of one service: its changes go through the environments, and bad ones are followed by a hotfix. */
export class ServiceHistory {
  readonly events: DemoEvent[] = [];
  /** Last roll-out of each environment that succeeded. */
  readonly running = new Map<Environment, Rollout>();
  readonly #options: HistoryOptions;
  readonly #service: DemoService;
  readonly #choices: SeededChoices;
  readonly #freeMs = new Map<Environment, number>();
  #minor: number;
  #run: number;

  constructor(options: HistoryOptions, service: DemoService) {
    this.#options = options;
    this.#service = service;
    this.#choices = seededChoices(options.seed, service.name);
    this.#minor = this.#choices.between(3, 40);
    this.#run = this.#choices.between(1_000, 60_000);
    const endMs = service.isRemoved ? options.untilMs - removedDaysAgo * dayMs : options.untilMs;
    for (const commitMs of this.#commitTimes(endMs)) this.#promote(commitMs, endMs);
    if (service.isRemoved) this.#remove(endMs);
  }

  /** Plans the next roll-out of a change, of which the history holds no events. */
  plan(environment: Environment, change: Change, queuedMs: number): Rollout {
    const { name } = this.#service;
    this.#run += this.#choices.between(1, 9);
    const deploymentId = `${name}-${environment}-${this.#run}${this.#options.idSuffix}`;
    const fixed = { deploymentId, environment, service: this.#service, change, run: this.#run, queuedMs };
    return planRollout(this.#choices, fixed);
  }

  /** Makes the next change. */
  change(commitMs: number, isHotfix = false): Change {
    if (!isHotfix) this.#minor += 1;
    const revision = `2.${this.#minor}.${isHotfix ? 1 : 0}`;
    return {
      revision,
      commit: this.#choices.hex(40),
      commitMs,
      author: this.#choices.pick(this.#service.authors),
      isHotfix,
    };
  }

  #commitTimes(endMs: number): readonly number[] {
    const times: number[] = [];
    const firstDay = Math.floor(endMs / dayMs) - historyDays;
    for (let day = firstDay; day * dayMs < endMs; day += 1) {
      // Days of the week since 1970-01-01, a Thursday; few work on Saturday and Sunday.
      const isWeekend = (day + 4) % 7 === 6 || (day + 4) % 7 === 0;
      const average = this.#service.changesPerDay * (isWeekend ? 0.1 : 1);
      const count = Math.floor(average) + (this.#choices.happens(average % 1) ? 1 : 0);
      for (let change = 0; change < count; change += 1) {
        times.push(day * dayMs + 7 * hourMs + this.#choices.fraction() * 10 * hourMs);
      }
    }
    return times.filter((ms) => ms < endMs).sort((one, other) => one - other);
  }

  #promote(commitMs: number, endMs: number): void {
    const change = this.change(commitMs);
    let readyMs = commitMs + this.#choices.between(3, 15) * minuteMs;
    for (const environment of environments) {
      if (environment === "staging" && !this.#choices.happens(0.8)) return;
      if (environment === "production" && !this.#choices.happens(0.65)) return;
      const rollout = this.#rollOut(environment, change, readyMs, endMs);
      if (rollout === undefined) return;
      if (rollout.ending === "incident" || rollout.ending === "rolledback") this.#repair(rollout, endMs);
      if (rollout.ending !== "success") return;
      const nextMs = rollout.finishedMs + this.#choices.between(10, 150) * minuteMs;
      readyMs = environment === "staging" ? this.#workingTime(nextMs) : nextMs;
    }
  }

  /** Returns the time, or the next morning: nobody starts a roll-out to production late. */
  #workingTime(ms: number): number {
    const day = Math.floor(ms / dayMs);
    const isLate = ms - day * dayMs > 17 * hourMs;
    return isLate ? (day + 1) * dayMs + 8 * hourMs + this.#choices.fraction() * hourMs : ms;
  }

  /** Returns undefined for a roll-out that would not end within the history. */
  #rollOut(environment: Environment, change: Change, readyMs: number, endMs: number): Rollout | undefined {
    const queuedMs = Math.max(readyMs, this.#freeMs.get(environment) ?? 0);
    const rollout = this.plan(environment, change, queuedMs);
    const events = rolloutEvents(rollout);
    const lastMs = Math.max(...events.map(({ timeMs }) => timeMs));
    if (lastMs > endMs - 2 * minuteMs) return undefined;
    this.#freeMs.set(environment, lastMs + minuteMs);
    this.events.push(...events);
    if (rollout.ending === "success" || rollout.ending === "incident") this.running.set(environment, rollout);
    return rollout;
  }

  /** An incident may follow; then a hotfix goes straight to production. */
  #repair(rollout: Rollout, endMs: number): void {
    const openedMs = rollout.finishedMs + this.#choices.between(3, 50) * minuteMs;
    const fix = this.change(openedMs + this.#choices.between(8, 45) * minuteMs, true);
    const fixed = this.#rollOut("production", fix, fix.commitMs + 6 * minuteMs, endMs);
    if (rollout.ending !== "incident" || fixed === undefined) return;
    this.openIncident(rollout, openedMs);
    this.events.push(
      rolloutEvent(rollout, fixed.finishedMs + 4 * minuteMs, {
        eventId: "incident-1-resolved",
        type: "incident.resolved",
        severity: Severity.NOTICE,
        message: `error rate is back to normal since ${fix.revision}`,
      }),
    );
  }

  /** Adds the opening of an incident to a roll-out. */
  openIncident(rollout: Rollout, timeMs: number): void {
    this.events.push(
      rolloutEvent(rollout, timeMs, {
        eventId: "incident-1-opened",
        type: "incident.opened",
        severity: Severity.CRITICAL,
        message: `${rollout.service.name}: 5xx above 3 % for 10 minutes`,
        source: "https://alerts.example.com",
        url: "https://grafana.example.com/alerting",
        labels: { alert: "HighErrorRate" },
      }),
    );
  }

  #remove(timeMs: number): void {
    for (const rollout of this.running.values()) {
      this.events.push(
        rolloutEvent(rollout, timeMs, {
          eventId: "removed",
          type: "service.removed",
          message: "switched off; storefront has taken it over",
          actor: this.#service.authors[0],
        }),
      );
    }
  }
}
