import { type DeliveryHead, hasSucceeded } from "./delivery-head.ts";
import type { OpenFailure } from "./metrics-report.ts";
import { endOfFailure, type ServiceGroup } from "./service-group.ts";

/** From `fromUs`, up to but not including `toUs`, in microseconds since 1970. */
export interface TimeWindow {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Kinds of what a day counts. */
export type DayKind = "success" | "failure" | "canceled" | "error";

/** Counts and durations of a window, from which the metrics follow. Durations are unsorted. */
export class WindowTally {
  succeeded = 0;
  failed = 0;
  succeededOrFailed = 0;
  canceled = 0;
  error = 0;
  rework = 0;
  byResolution = 0;
  bySuccess = 0;
  withoutCommitTime = 0;
  commitAfterFinish = 0;
  withoutFinishTime = 0;
  unnamed = 0;
  readonly leadTimesUs: number[] = [];
  readonly recoveryTimesUs: number[] = [];
  readonly openFailures: OpenFailure[] = [];
  readonly #window: TimeWindow;
  readonly #onDay: (kind: DayKind, timeUs: number) => void;

  /** Reports each deployment that a day counts to `onDay`. */
  constructor(window: TimeWindow, onDay: (kind: DayKind, timeUs: number) => void = () => {}) {
    this.#window = window;
    this.#onDay = onDay;
  }

  /** Adds the deployments of one service in one environment. */
  add(group: ServiceGroup): void {
    const { service, environment, heads } = group;
    const endings = new Set<number>();
    const countedBefore = this.#counted;
    for (const head of heads) this.#addHead(group, head, endings);
    if (service === "" || environment === "") this.unnamed += this.#counted - countedBefore;
    for (const timeUs of group.successTimesUs) if (this.#contains(timeUs) && endings.has(timeUs)) this.rework += 1;
  }

  get #counted(): number {
    return this.succeededOrFailed + this.canceled + this.error;
  }

  #contains(timeUs: number | undefined): timeUs is number {
    return timeUs !== undefined && timeUs >= this.#window.fromUs && timeUs < this.#window.toUs;
  }

  #addHead(group: ServiceGroup, head: DeliveryHead, endings: Set<number>): void {
    const { state, outcome, finishTimeUs, failureTimeUs } = head;
    const isFinished = state === "finished";
    if (isFinished && finishTimeUs === undefined) this.withoutFinishTime += 1;
    const succeeds = hasSucceeded(head) && this.#contains(finishTimeUs);
    if (succeeds) this.#addSuccess(finishTimeUs, head.commitTimeUs);
    const fails = this.#contains(failureTimeUs);
    if (failureTimeUs !== undefined) this.#addFailure(group, head, failureTimeUs, endings);
    if (succeeds || fails) this.succeededOrFailed += 1;
    const isStopped = isFinished && (outcome === "canceled" || outcome === "error");
    if (isStopped && failureTimeUs === undefined && this.#contains(finishTimeUs)) {
      this[outcome] += 1;
      this.#onDay(outcome, finishTimeUs);
    }
  }

  #addSuccess(finishTimeUs: number, commitTimeUs: number | undefined): void {
    this.succeeded += 1;
    this.#onDay("success", finishTimeUs);
    if (commitTimeUs === undefined) this.withoutCommitTime += 1;
    else if (commitTimeUs > finishTimeUs) this.commitAfterFinish += 1;
    else this.leadTimesUs.push(finishTimeUs - commitTimeUs);
  }

  /** A failure before the window still makes rework of the success in it that ended it. */
  #addFailure(group: ServiceGroup, head: DeliveryHead, failureTimeUs: number, endings: Set<number>): void {
    const end = endOfFailure(group, failureTimeUs, head.recoverTimeUs);
    if (end.by === "success") endings.add(end.timeUs);
    if (!this.#contains(failureTimeUs)) return;
    this.failed += 1;
    this.#onDay("failure", failureTimeUs);
    if (end.by === "nothing") {
      const { deploymentId, service, environment } = head;
      this.openFailures.push({ deploymentId, service, environment, failureTimeUs });
      return;
    }
    if (end.by === "success") this.bySuccess += 1;
    else this.byResolution += 1;
    this.recoveryTimesUs.push(end.timeUs - failureTimeUs);
  }
}
