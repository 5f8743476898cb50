import { ActivityEventsClient } from "@activity-events/client";
import { eventOf } from "../event-template.ts";
import { closedLoop } from "./closed-loop.ts";
import type { Load, LoadOptions } from "./load.ts";
import { SequenceLedger } from "./sequence-ledger.ts";
import { storedFaults } from "./stored-faults.ts";

/** CreateEvent through our client library, as a producer in TypeScript calls it. */
export async function openClientCreate({ address, inFlight, deployments }: LoadOptions): Promise<Load> {
  const client = new ActivityEventsClient({ address, tls: false });
  const ledger = new SequenceLedger();
  let made = 0;
  return {
    round: (ms) =>
      closedLoop({
        inFlight,
        ms,
        operation: async () => {
          made += 1;
          const { event, duplicate } = await client.createEvent({ event: eventOf(made % deployments, made) });
          if (duplicate) ledger.fault(`${event?.name} was answered as a duplicate`);
          else ledger.add(event?.deploymentId ?? "", Number(event?.sequence));
        },
      }),
    settle: () => {},
    verify: async () => [
      ...ledger.faults(),
      ...(await storedFaults({ address, acknowledged: ledger.counts(), readBackMax: deployments })),
    ],
    close: async () => client.close(),
  };
}
