import { ActivityEventsClient, type EventInit } from "@activity-events/client";
import { collect } from "@activity-events/testing/collect";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { MappingError } from "../src/index.ts";
import { mutated } from "./mutations.ts";
import { samples } from "./payloads.ts";

function eventsOf(seed: number): EventInit[] {
  return samples.flatMap(({ payload, map }) =>
    fc.sample(mutated(payload), { seed, numRuns: 50 }).flatMap((text) => {
      try {
        return map(text).flatMap((mapping) => {
          if (mapping.kind === "events") return mapping.events;
          if (mapping.kind === "ignored") return [];
          return mapping.incidents.flatMap(({ events }) =>
            events.map((event) => ({ ...event, deploymentId: "found" })),
          );
        });
      } catch (error) {
        if (error instanceof MappingError) return [];
        throw error;
      }
    }),
  );
}

test("the service accepts every event that is made of changed payloads, and a redelivery adds none", async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stderr.write(`accepted: SEED=${seed}\n`);
  const events = eventsOf(seed);
  await using service = new ServiceProcess();
  const { address } = await service.line(({ message }) => message === "listening");
  const client = new ActivityEventsClient({ address: String(address), tls: false });
  const send = () => collect(client.ingestEvents(events));
  const counts = async () =>
    (await collect(client.listDeployments({ pageSize: 1_000 }))).map(({ deploymentId, headSequence }) => [
      deploymentId,
      headSequence,
    ]);

  const first = await send();
  const after = await counts();
  const second = await send();

  expect(events.length).toBeGreaterThan(500);
  // Changed payloads may say other things under one id.
  const refused = first.filter((outcome) => outcome.kind === "refused" && outcome.error.reason !== "EVENT_ID_CONFLICT");
  expect(refused).toEqual([]);
  expect(await counts()).toEqual(after);
  expect(second.filter((outcome) => outcome.kind === "stored" && !outcome.duplicate)).toEqual([]);
  client.close();
});
