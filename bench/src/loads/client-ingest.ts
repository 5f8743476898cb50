import { ActivityEventsClient } from "@activity-events/client";
import { eventOf } from "../event-template.ts";
import type { Load, LoadOptions, RoundOfLoad } from "./load.ts";
import { SequenceLedger } from "./sequence-ledger.ts";
import { storedFaults } from "./stored-faults.ts";

const readBackMax = 50;

/** IngestEvents through our client library, as a producer in TypeScript calls it; each round uses a new stream. */
export async function openClientIngest({ address, deployments }: LoadOptions): Promise<Load> {
  const client = new ActivityEventsClient({ address, tls: false });
  const ledger = new SequenceLedger();
  let made = 0;
  return {
    async round(ms): Promise<RoundOfLoad> {
      const sentAt: number[] = [];
      const latenciesMs: number[] = [];
      const begun = performance.now();
      const events = function* () {
        for (let now = begun; now - begun < ms; now = performance.now()) {
          sentAt.push(now);
          made += 1;
          yield eventOf(made % deployments, made);
        }
      };
      // Outcomes are in the order of their events.
      for await (const outcome of client.ingestEvents(events())) {
        latenciesMs.push(performance.now() - (sentAt[latenciesMs.length] ?? Number.NaN));
        const { deploymentId, eventId } = outcome.event;
        if (outcome.kind === "refused") ledger.fault(`${eventId} was refused: ${outcome.error.message}`);
        else if (outcome.duplicate) ledger.fault(`${eventId} was acknowledged as a duplicate`);
        else ledger.add(deploymentId, Number(outcome.sequence));
      }
      const [sent, told] = [sentAt.length, latenciesMs.length];
      if (sent !== told) ledger.fault(`${sent} events were sent, of ${told} it was told what came of them`);
      return { operations: latenciesMs.length, elapsedMs: performance.now() - begun, latenciesMs };
    },
    settle: () => {},
    verify: async () => [
      ...ledger.faults(),
      ...(await storedFaults({ address, acknowledged: ledger.counts(), readBackMax })),
    ],
    close: async () => client.close(),
  };
}
