import { randomInt } from "node:crypto";
import type { StoredEvent } from "@activity-events/event-store";
import {
  DeploymentSchema as AncestorDeploymentSchema,
  EventRequestSchema,
} from "@activity-events/proto/activityevents/activity_events_pb.js";
import {
  ActivityEventsService,
  BatchCreateEventsRequestSchema,
  CreateEventRequestSchema,
  CreateEventResponseSchema,
  GetEventRequestSchema,
  IngestEventsRequestSchema,
  ListDeploymentsRequestSchema,
  ListEventsRequestSchema,
  StreamEventsRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { HealthCheckRequestSchema } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import type { DescMessage } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { Refusal } from "../src/application/refusal.ts";
import { checkEncoding } from "../src/grpc/codec/check-encoding.ts";
import { decodeMessage } from "../src/grpc/codec/decode-request.ts";
import { encodeCreateEventResponse } from "../src/grpc/codec/encode.ts";
import { rulesOf } from "../src/grpc/codec/encoding-rules.ts";
import { IngestMessage } from "../src/grpc/codec/ingest-request.ts";
import { readPlainAppend } from "../src/grpc/codec/read-plain-append.ts";
import { EncodingError } from "../src/grpc/codec/wire-cursor.ts";
import { parseAppend } from "../src/grpc/requests/parse-append.ts";
import { encodeEvent } from "./encode-request.ts";
import { OddEncodings, randomNumbers } from "./odd-encodings.ts";
import { Upb } from "./upb.ts";

const count = Number(process.env.FUZZ_ENCODINGS ?? 5_000);
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));

const requests = [
  CreateEventRequestSchema,
  BatchCreateEventsRequestSchema,
  IngestEventsRequestSchema,
  GetEventRequestSchema,
  ListEventsRequestSchema,
  StreamEventsRequestSchema,
  ListDeploymentsRequestSchema,
  EventRequestSchema,
  AncestorDeploymentSchema,
  HealthCheckRequestSchema,
];

/** How many encodings are asked about at once. */
const atOnce = 500;

/** What the service makes of an encoding; stricter: it refuses what others may take. */
type Verdict = "accepted" | "refused" | "stricter";

function verdictOn(check: () => void): Verdict {
  try {
    check();
    return "accepted";
  } catch (error) {
    if (error instanceof EncodingError) return error.isStricter ? "stricter" : "refused";
    if (error instanceof Refusal && error.reason === "REQUEST_INVALID") return "stricter";
    throw error;
  }
}

function check(desc: DescMessage, bytes: Buffer): void {
  if (desc !== IngestEventsRequestSchema) {
    checkEncoding(rulesOf(desc), bytes);
    return;
  }
  const message = new IngestMessage(bytes);
  while (message.next()) checkEncoding(rulesOf(EventSchema), bytes.subarray(message.start, message.end));
}

/** The answer that shows what of an event is stored, and undefined for one that is refused. */
function storedAnswer(event: Buffer): Uint8Array | undefined {
  try {
    const append =
      readPlainAppend(event, 0, event.length, 0) ??
      parseAppend(
        {
          event: decodeMessage(EventSchema, event, {
            what: "event",
            method: ActivityEventsService.method.ingestEvents,
          }),
        },
        0,
      );
    const [fresh] = append.events;
    return (
      fresh &&
      encodeCreateEventResponse(append.deploymentId, {
        event: { ...fresh, sequence: 1, receiveTimeUs: 0 } as unknown as StoredEvent,
        duplicate: false,
      })
    );
  } catch (error) {
    if (error instanceof Refusal && error.reason.startsWith("REQUEST_")) return undefined;
    throw error;
  }
}

test(`what is accepted is what protoc's own parser accepts, of ${count} encodings with seed ${seed}`, async () => {
  process.stderr.write(`encodings: FUZZ_SEED=${seed} FUZZ_ENCODINGS=${count}\n`);
  await using upb = new Upb([...requests, CreateEventResponseSchema]);
  const random = randomNumbers(seed);
  const odd = new OddEncodings(random);
  const seen: Record<Verdict, number> = { accepted: 0, refused: 0, stricter: 0 };
  const compare = async (desc: DescMessage) => {
    const bytes = odd.message(desc);
    const verdict = verdictOn(() => check(desc, bytes));
    seen[verdict] += 1;
    const parses = await upb.parses(desc, bytes);
    const isRight = verdict === "stricter" || parses === (verdict === "accepted");
    if (!isRight) throw new Error(`${desc.typeName} ${bytes.toString("hex")} is ${verdict}, upb says ${parses}`);
  };

  for (let done = 0; done < count; done += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, () => compare(requests[random(requests.length)] as DescMessage)));
  }

  // Each kind is met often, or nothing was compared.
  for (const times of Object.values(seen)) expect(times).toBeGreaterThan(count / 50);
  process.stderr.write(`encodings: ${JSON.stringify(seen)}\n`);
}, 3_600_000);

test(`what is stored can be read by protoc's own parser, of ${count} events with seed ${seed}`, async () => {
  await using upb = new Upb([CreateEventResponseSchema]);
  const odd = new OddEncodings(randomNumbers(seed));
  const valid = encodeEvent({ deploymentId: "d", message: "x", sendTime: { seconds: 1n } });
  let stored = 0;
  const compare = async () => {
    const event = Buffer.concat([odd.records(EventSchema), valid, odd.records(EventSchema)]);
    const answer = storedAnswer(event);
    if (answer === undefined) return;
    stored += 1;
    const parses = await upb.parses(CreateEventResponseSchema, answer);
    if (!parses)
      throw new Error(
        `${event.toString("hex")} is stored, and upb does not read ${Buffer.from(answer).toString("hex")}`,
      );
  };

  for (let done = 0; done < count; done += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, () => compare()));
  }

  expect(stored).toBeGreaterThan(count / 10);
}, 3_600_000);
