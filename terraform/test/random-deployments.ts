import type { DeploymentId, EventId } from "@activity-events/event-store";
import { type Event, EventSchema, Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { SeededRandom } from "@activity-events/testing/seeded-random";
import { create } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";

const secondUs = 1_000_000;
const hourUs = 3_600 * secondUs;

/** Event of a deployment as its producer sent it, and when it arrived, in microseconds since 1970. */
export interface RandomEvent {
  readonly deploymentId: DeploymentId;
  readonly sequence: number;
  readonly eventId: EventId;
  readonly event: Event;
  readonly receiveTimeUs: number;
}

const services = ["", "cart", "checkout", "login", "search"];
const environments = ["", "production", "production", "staging"];
const lives = [
  ["queued", "started", "progress", "finished"],
  ["started", "finished", "incident.opened", "incident.resolved"],
  ["started", "finished", "incident.opened"],
  ["started", "finished", "rolledback"],
  ["started", "finished", "finished"],
  ["queued", "started"],
  ["queued", "progress"],
];
const wildTypes = [
  ...["queued", "started", "progress", "finished", "finished", "rolledback"],
  ...["incident.opened", "incident.resolved", "service.removed", "approval.given", ""],
];
const outcomes = [Outcome.SUCCESS, Outcome.SUCCESS, Outcome.SUCCESS, Outcome.FAILURE, Outcome.CANCELED, Outcome.ERROR];
const messages = ["", "plain", `"quoted" \\ {"type": "deployment.finished"}`, "lines\nand\t\u0000 and \u{1f600} '';--"];

/** Makes the events of one deployment, in the order of their sequences, within 100 days before `nowUs`. */
export function randomDeployment(random: SeededRandom, id: number, nowUs: number): RandomEvent[] {
  const { pick, between } = random;
  const isWild = between(0, 3) === 0;
  const kinds = isWild ? Array.from({ length: between(1, 9) }, () => pick(wildTypes)) : pick(lives);
  // Whole hours, so that times are equal within and between deployments; many are the very ends of windows.
  const windowEnd = pick([0, 0, 7, 30, 90]) * 24 + between(0, 4);
  const start = nowUs - pick([windowEnd, between(-2, 100 * 24), between(-2, 100 * 24)]) * hourUs;
  const names = { service: pick(services), environment: pick(environments) };
  const deploymentId = `d${id}` as DeploymentId;
  let receiveTimeUs = start;
  return kinds.map((kind, index) => {
    // A server's clock may jump back.
    receiveTimeUs += between(0, 9) === 0 ? -between(0, 3) * hourUs : between(0, 2) * hourUs + between(0, 1);
    const eventId = `e${index}` as EventId;
    const sentUs = isWild ? start + between(0, 4) * hourUs : receiveTimeUs;
    const event = randomEvent(random, kind, { sentUs, receiveTimeUs, names: index === 0 || isWild ? names : {} });
    return { deploymentId, sequence: index + 1, eventId, event, receiveTimeUs };
  });
}

interface Around {
  readonly sentUs: number;
  readonly receiveTimeUs: number;
  readonly names: { readonly service?: string; readonly environment?: string };
}

function randomEvent({ pick, between }: SeededRandom, kind: string, { sentUs, receiveTimeUs, names }: Around): Event {
  const isOther = kind === "" || kind.includes(".");
  const hasCommit = between(0, 2) === 0;
  const commitTime = timeOf(sentUs - between(-2, 48) * hourUs, pick([0, 999]));
  return create(EventSchema, {
    type: isOther ? kind : `deployment.${kind}`,
    outcome: kind === "finished" ? pick(outcomes) : Outcome.UNSPECIFIED,
    message: pick(messages),
    ...(between(0, 4) === 0 ? {} : names),
    ...(between(0, 9) === 0 ? { service: pick(services), environment: pick(environments) } : {}),
    revision: pick(["", "", "r1", "r2"]),
    actor: pick(["", "", "mona", "robot"]),
    url: pick(["", "", "https://ci.example/1"]),
    commit: hasCommit ? pick(["c1", "c1", "c2"]) : "",
    ...(hasCommit || between(0, 9) === 0 ? pick([{}, { commitTime }, { commitTime }]) : {}),
    ...pick([{}, { sendTime: sendTimeOf(between, sentUs, receiveTimeUs) }, { sendTime: timeOf(sentUs, 0) }]),
  });
}

/** A send time, which may be on either side of what is usable. */
function sendTimeOf(between: SeededRandom["between"], sentUs: number, receiveTimeUs: number): Timestamp {
  const latestUs = receiveTimeUs + 300 * secondUs;
  const earliestUs = 946_684_800 * secondUs;
  const choices = [sentUs, sentUs + 1, latestUs, latestUs + 1, earliestUs - 1, earliestUs, 0];
  return timeOf(choices[between(0, choices.length - 1)] ?? 0, between(0, 1) * 999);
}

function timeOf(timeUs: number, nanosBeyond: number): Timestamp {
  const seconds = Math.floor(timeUs / secondUs);
  const nanos = (timeUs - seconds * secondUs) * 1_000 + nanosBeyond;
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos });
}
