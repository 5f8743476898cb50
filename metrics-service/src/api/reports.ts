import type { Caller } from "@activity-events/access/caller";
import { Gauge, Registry } from "prom-client";
import { deliveryLimits } from "../delivery/delivery-limits.ts";
import { lastDays, reportOf } from "../delivery/delivery-metrics.ts";
import { deliveryGauges } from "../delivery/prometheus.ts";
import { retentionGauges } from "../delivery/retention-gauges.ts";
import { groupByService, type ServiceGroup } from "../delivery/service-group.ts";
import { limits } from "../limits.ts";
import type { DeploymentWatch } from "../watch/deployment-watch.ts";
import { ApiFault } from "./api-fault.ts";
import { checkParameters } from "./check-parameters.ts";

interface ReportsOptions {
  readonly watch: DeploymentWatch;
  /** Time in microseconds since 1970. */
  readonly nowUs: () => number;
  /** Number of open sockets. */
  readonly sockets: () => number;
}

/** Answer that is given again for a while, to all who ask the same. */
interface Kept<Answer> {
  readonly answer: Answer;
  readonly version: number;
  readonly timeUs: number;
}

/** Reports over all heads: the delivery metrics as JSON, and Prometheus' gauges. */
export class Reports {
  readonly #options: ReportsOptions;
  readonly #registry = new Registry();
  readonly #setDelivery = deliveryGauges(this.#registry);
  readonly #setRetention = retentionGauges(this.#registry);
  readonly #gauges: Readonly<Record<"reached" | "sockets" | "deployments" | "leftOut", Gauge>>;
  /** Newest groups of deployments, by what their viewers may read. */
  readonly #groups = new Map<string, Kept<readonly ServiceGroup[]>>();
  /** Newest reports, by query and what their viewers may read. */
  readonly #reports = new Map<string, Kept<string>>();
  /** When the gauges of delivery and retention were set last. */
  #measured: Kept<undefined> | undefined;

  constructor(options: ReportsOptions) {
    this.#options = options;
    const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [this.#registry] });
    this.#gauges = {
      reached: gauge(
        "activity_page_service_reached",
        "1 while the service is reached, otherwise 0: the rest is then as it was last.",
      ),
      sockets: gauge("activity_page_sockets", "Open pages."),
      deployments: gauge("activity_page_deployments", "Deployments that the metrics service holds."),
      leftOut: gauge(
        "activity_page_deployments_left_out",
        "Deployments that the metrics cannot count, because there are too many; the oldest are left out.",
      ),
    };
  }

  /** Answers /api/metrics: a MetricsReport as JSON, of what the viewer may read. */
  async delivery(query: Readonly<Record<string, string>>, viewer: Caller): Promise<string> {
    checkParameters(query, ["service", "environment", "days"]);
    const { service, environment, days: text = "30" } = query;
    const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
    if (days < 1 || days > deliveryLimits.windowDaysMax) {
      const found = JSON.stringify(text);
      throw new ApiFault(
        "INVALID_ARGUMENT",
        `days must be an integer from 1 to ${deliveryLimits.windowDaysMax}; found ${found}`,
      );
    }
    await this.#listed();
    const key = JSON.stringify([service, environment, days, viewer.granted("read")]);
    return this.#keep(this.#reports, key, limits.reportsKeptMax, () => {
      const window = lastDays(this.#options.nowUs(), days);
      return JSON.stringify(reportOf(this.#grouped(viewer), { ...window, service, environment }));
    });
  }

  /** Answers /metrics, in Prometheus' text format. Without the service it says so in a gauge: a failed scrape would look like a page that is down. */
  async prometheus(): Promise<{ readonly contentType: string; readonly body: string }> {
    const { watch, sockets, nowUs } = this.#options;
    const { deployments } = watch;
    watch.holdBriefly();
    await watch.listed(limits.listTimeMs);
    if (watch.isListed && (this.#measured === undefined || !this.#isFresh(this.#measured))) {
      this.#setDelivery(deployments.values(), nowUs());
      this.#setRetention(deployments.values(), nowUs());
      this.#measured = { answer: undefined, version: deployments.version, timeUs: nowUs() };
    }
    this.#gauges.reached.set(watch.connection.isReached ? 1 : 0);
    this.#gauges.sockets.set(sockets());
    this.#gauges.deployments.set(deployments.size);
    this.#gauges.leftOut.set(deployments.leftOut);
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  /** Keeps the watch open, and waits until it has shown everything. */
  async #listed(): Promise<void> {
    const { watch } = this.#options;
    watch.holdBriefly();
    if (await watch.listed(limits.listTimeMs)) return;
    const { fault = "the deployments are still being read" } = watch.connection;
    throw new ApiFault("UNAVAILABLE", `the metrics need all deployments: ${fault}`);
  }

  #grouped(viewer: Caller): readonly ServiceGroup[] {
    const { deployments } = this.#options.watch;
    return this.#keep(this.#groups, JSON.stringify(viewer.granted("read")), limits.groupingsKeptMax, () =>
      groupByService([...deployments.values()].filter(({ deploymentId }) => viewer.may("read", deploymentId))),
    );
  }

  /** Returns the answer of a key, made anew unless it is fresh. Keeps the last so many. */
  #keep<Answer>(kept: Map<string, Kept<Answer>>, key: string, most: number, make: () => Answer): Answer {
    const found = kept.get(key);
    const { version } = this.#options.watch.deployments;
    const fresh =
      found !== undefined && this.#isFresh(found) ? found : { answer: make(), version, timeUs: this.#options.nowUs() };
    kept.delete(key);
    kept.set(key, fresh);
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    return fresh.answer;
  }

  /** Without a change a report ages by what its window moves; with changes all the time it is made once a second. */
  #isFresh({ version, timeUs }: Kept<unknown>): boolean {
    const ageMs = (this.#options.nowUs() - timeUs) / 1_000;
    const isChanged = version !== this.#options.watch.deployments.version;
    return ageMs < (isChanged ? limits.changedReportKeptMs : limits.reportKeptMs);
  }
}
