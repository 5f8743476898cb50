import {
  ActivityEventsService,
  CreateEventRequestSchema,
  CreateEventResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { fromBinary } from "@bufbuild/protobuf";
import { type ServiceError, status } from "@grpc/grpc-js";
import { EventTemplate, eventOf } from "../event-template.ts";
import { closedLoop } from "./closed-loop.ts";
import type { Load, LoadOptions } from "./load.ts";
import { openRawChannel, rawUnary } from "./raw-channel.ts";
import { SequenceLedger } from "./sequence-ledger.ts";
import { storedFaults } from "./stored-faults.ts";

/** CreateEvent with encoded messages, like a lean producer; decodes the answers after each round. */
export async function openCreateEvent(options: LoadOptions): Promise<Load> {
  const { address, token, inFlight, deployments, firstDeployment = 0, everyMs, exceedsShare = false } = options;
  const path = methodPath(ActivityEventsService.method.createEvent);
  const template = EventTemplate.of(CreateEventRequestSchema, { event: eventOf(0, 0) });
  const channel = openRawChannel(address, token);
  const ledger = new SequenceLedger();
  let answers: Buffer[] = [];
  let made = 0;
  return {
    round: (ms) =>
      closedLoop({
        inFlight,
        ms,
        everyMs,
        operation: async () => {
          made += 1;
          const request = template.make(firstDeployment + (made % deployments), made);
          try {
            answers.push(await rawUnary(channel, path, request));
          } catch (error) {
            if (!exceedsShare || (error as ServiceError).code !== status.RESOURCE_EXHAUSTED) throw error;
          }
        },
      }),
    settle: () => {
      for (const answer of answers) noteAnswer(ledger, answer);
      answers = [];
    },
    verify: async () => [
      ...ledger.faults(),
      ...(await storedFaults({ address, token, acknowledged: ledger.counts(), readBackMax: deployments })),
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
