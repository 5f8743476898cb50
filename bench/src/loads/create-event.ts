import {
  ActivityEventsService,
  CreateEventRequestSchema,
  CreateEventResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { fromBinary } from "@bufbuild/protobuf";
import { EventTemplate, eventOf } from "../event-template.ts";
import { closedLoop } from "./closed-loop.ts";
import type { Load, LoadOptions } from "./load.ts";
import { openRawChannel, rawUnary } from "./raw-channel.ts";
import { SequenceLedger } from "./sequence-ledger.ts";
import { storedFaults } from "./stored-faults.ts";

/** CreateEvent with encoded messages, like a lean producer; decodes the answers after each round. */
export async function openCreateEvent({ address, inFlight, deployments }: LoadOptions): Promise<Load> {
  const path = methodPath(ActivityEventsService.method.createEvent);
  const template = EventTemplate.of(CreateEventRequestSchema, { event: eventOf(0, 0) });
  const channel = openRawChannel(address);
  const ledger = new SequenceLedger();
  let answers: Buffer[] = [];
  let made = 0;
  return {
    round: (ms) =>
      closedLoop({
        inFlight,
        ms,
        operation: async () => {
          made += 1;
          answers.push(await rawUnary(channel, path, template.make(made % deployments, made)));
        },
      }),
    settle: () => {
      for (const answer of answers) noteAnswer(ledger, answer);
      answers = [];
    },
    verify: async () => [
      ...ledger.faults(),
      ...(await storedFaults({ address, acknowledged: ledger.counts(), readBackMax: deployments })),
    ],
    close: async () => channel.close(),
  };
}

function noteAnswer(ledger: SequenceLedger, answer: Buffer): void {
  const { event, duplicate } = fromBinary(CreateEventResponseSchema, answer);
  if (event === undefined) ledger.fault("an answer of CreateEvent holds no event");
  else if (duplicate) ledger.fault(`${event.name} was answered as a duplicate`);
  else ledger.add(event.deploymentId, Number(event.sequence));
}
