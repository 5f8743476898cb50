import type { Deployment, DeploymentId } from "@activity-events/event-store";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { type SeededRandom, seededRandom } from "@activity-events/testing/seeded-random";
import type { TopicMessage } from "@activity-events/topic/topic-message";
import { clone } from "@bufbuild/protobuf";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { foldEvent } from "../../event-store/src/domain/deployment.ts";
import { storedEvent } from "../../event-store/src/domain/event.ts";
import { storedEventMessage } from "../../functions/mirror/src/stored-event-message.ts";
import { tombstoneMessage } from "../../functions/mirror/src/tombstone-message.ts";
import { deliveryMetrics, lastDays } from "../../metrics-service/src/delivery/delivery-metrics.ts";
import { endOfFailure, groupByService } from "../../metrics-service/src/delivery/service-group.ts";
import { newEvent } from "../../run-service/src/grpc/codec/event-codec.ts";
import { type RandomEvent, randomDeployment } from "./random-deployments.ts";
import { runViews, type TableRow, type ViewRow, type ViewRows } from "./run-views.ts";

/** 2026-11-28, in microseconds since 1970. */
const nowUs = 1_795_824_000_000_000;
const deploymentCount = 4_000;

/** Heads as the service folds them, of what is in the table, and how many events are missing there. */
interface Expected {
  readonly head: Deployment;
  readonly headSequence: number;
  readonly missing: number;
}

let expected: readonly Expected[];
let found: ViewRows;

beforeAll(async () => {
  const random = seededRandom("views of the deployment events");
  const heads: Expected[] = [];
  const messages: TopicMessage[] = [];
  for (let id = 0; id < deploymentCount; id += 1) {
    const events = randomDeployment(random, id, nowUs);
    const lost = events.filter(() => random.between(0, 39) === 0);
    const published = events.filter((event) => !lost.includes(event));
    messages.push(...published.map(messageOf), ...lost.map(tombstoneOf));
    const last = published.at(-1);
    if (last === undefined) continue;
    heads.push({ head: headOf(published), headSequence: last.sequence, missing: last.sequence - published.length });
  }
  expected = heads;
  found = await runViews(rowsOf(random, messages), nowUs);
});

function headOf(events: readonly RandomEvent[]): Deployment {
  let head: Deployment | undefined;
  for (const { deploymentId, eventId, event, receiveTimeUs } of events) {
    const { facts } = newEvent(clone(EventSchema, event), eventId);
    head = foldEvent(head, deploymentId, facts, receiveTimeUs);
  }
  return head as Deployment;
}

function messageOf({ deploymentId, sequence, eventId, event, receiveTimeUs }: RandomEvent): TopicMessage {
  const stored = storedEvent(newEvent(clone(EventSchema, event), eventId), sequence, receiveTimeUs);
  return storedEventMessage(
    deploymentId,
    { kind: "event", event: stored, historyHash: undefined, imported: false },
    { replayed: false },
  );
}

function tombstoneOf({ deploymentId, sequence, eventId }: RandomEvent): TopicMessage {
  return tombstoneMessage({ deploymentId, sequence, eventId, reason: "EVENT_UNREADABLE", replayed: false });
}

/** Rows as Pub/Sub writes them: at least once, in any order; some beside a tombstone, and one of another's. */
function rowsOf(random: SeededRandom, messages: readonly TopicMessage[]): TableRow[] {
  const repeated = messages.filter(() => random.between(0, 9) === 0);
  const doubted = repeated
    .filter(() => random.between(0, 3) === 0)
    .map(({ orderingKey, attributes }) => {
      const sequence = Number(attributes["ce-sequence"]);
      return tombstoneMessage({
        deploymentId: orderingKey as DeploymentId,
        sequence,
        eventId: undefined,
        reason: "EVENT_MISSING",
        replayed: false,
      });
    });
  const rows = [...messages, ...repeated, ...doubted].map(({ data, attributes, orderingKey }, index) => ({
    message_id: `${index}`,
    publish_us: nowUs - random.between(0, 1_000_000),
    data: Buffer.from(data).toString("utf8"),
    attributes: JSON.stringify({ ...attributes, orderingKey }),
  }));
  rows.push({ message_id: "other", publish_us: nowUs, data: "no JSON", attributes: "{}" });
  return rows
    .map((row) => ({ row, place: random.between(0, 1e9) }))
    .sort((a, b) => a.place - b.place)
    .map(({ row }) => row);
}

const byKey = (rows: readonly ViewRow[], ...keys: readonly string[]) =>
  new Map(rows.map((row) => [keys.map((key) => row[key]).join("|"), row]));

const orNull = (timeUs: number | undefined) => timeUs ?? null;
const shown = (text: string) => (text === "unspecified" ? null : text.toUpperCase());

describe("the views over random events, repeated, shuffled, with tombstones", () => {
  test("fold them to the heads that the service folds", () => {
    const rows = byKey(found.deployments, "deployment_id");

    expect(rows.size).toBe(expected.length);
    expect(found.deployments.length).toBe(expected.length);
    for (const { head, headSequence, missing } of expected) {
      expect(rows.get(head.deploymentId)).toEqual({
        deployment_id: head.deploymentId,
        head_sequence: headSequence,
        missing_events: missing,
        state: shown(head.state),
        outcome: shown(head.outcome),
        environment: head.environment,
        service: head.service,
        revision: head.revision,
        actor: head.actor,
        commit: head.commit,
        url: head.url,
        commit_time: orNull(head.commitTimeUs),
        create_time: head.createTimeUs,
        update_time: head.updateTimeUs,
        start_time: orNull(head.startTimeUs),
        finish_time: orNull(head.finishTimeUs),
        failure_time: orNull(head.failureTimeUs),
        incident_time: orNull(head.incidentTimeUs),
        recover_time: orNull(head.recoverTimeUs),
        remove_time: orNull(head.removeTimeUs),
      });
    }
  });

  test("find the end of each failure that the metrics service finds", () => {
    const rows = byKey(found.failures, "deployment_id");
    const ends = groupByService(expected.map(({ head }) => head)).flatMap((group) =>
      group.heads.flatMap(({ deploymentId, failureTimeUs, recoverTimeUs }) =>
        failureTimeUs === undefined
          ? []
          : [{ deploymentId, failureTimeUs, end: endOfFailure(group, failureTimeUs, recoverTimeUs) }],
      ),
    );

    expect(found.failures.length).toBe(ends.length);
    expect(new Set(ends.map(({ end }) => end.by))).toEqual(new Set(["nothing", "resolution", "success"]));
    for (const { deploymentId, failureTimeUs, end } of ends) {
      expect(rows.get(deploymentId)).toMatchObject({
        failure_time: failureTimeUs,
        ended_by: end.by === "nothing" ? null : end.by.toUpperCase(),
        end_time: end.by === "nothing" ? null : end.timeUs,
        recovery_us: end.by === "nothing" ? null : end.timeUs - failureTimeUs,
      });
    }
  });

  test.each([7, 30, 90])("give the same metrics of %d days as the metrics service", (days) => {
    const heads = expected.map(({ head }) => head);
    const rows = byKey(
      found.delivery_metrics.filter(({ window_days }) => window_days === days),
      "service",
      "environment",
    );
    const groups = groupByService(heads);

    expect(rows.size).toBe(groups.length);
    expect(groups.length).toBeGreaterThan(10);
    for (const { service, environment } of groups) {
      const row = rows.get(`${service}|${environment}`);
      expect(row).toEqual(rowOf(deliveryMetrics(heads, { ...lastDays(nowUs, days), service, environment })));
    }
  });
});

const seconds = (durationUs: number | null) => (durationUs === null ? null : durationUs / 1_000_000);

function rowOf(report: ReturnType<typeof deliveryMetrics>): ViewRow {
  const { deploymentFrequency, changeLeadTime, changeFailRate, failedDeploymentRecoveryTime, reworkRate } = report;
  return {
    service: report.service,
    environment: report.environment,
    window_days: report.window.days,
    succeeded: deploymentFrequency.succeeded,
    succeeded_per_day: deploymentFrequency.perDay,
    lead_time_median_seconds: seconds(changeLeadTime.medianUs),
    lead_time_p90_seconds: seconds(changeLeadTime.p90Us),
    with_lead_time: changeLeadTime.counted,
    without_commit_time: changeLeadTime.withoutCommitTime,
    commit_after_finish: changeLeadTime.commitAfterFinish,
    change_fail_ratio: changeFailRate.share,
    failed: changeFailRate.failed,
    succeeded_or_failed: changeFailRate.succeededOrFailed,
    recovery_time_median_seconds: seconds(failedDeploymentRecoveryTime.medianUs),
    recovery_time_p90_seconds: seconds(failedDeploymentRecoveryTime.p90Us),
    recovered: failedDeploymentRecoveryTime.recovered,
    ended_by_resolution: failedDeploymentRecoveryTime.byResolution,
    ended_by_success: failedDeploymentRecoveryTime.bySuccess,
    open_failures: failedDeploymentRecoveryTime.open,
    rework_ratio: reworkRate.share,
    rework: reworkRate.rework,
    canceled: report.leftOut.canceled,
    error: report.leftOut.error,
  };
}
