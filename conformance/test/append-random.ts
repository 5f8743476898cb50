import { callRaw } from "@activity-events/testing/contract-client";
import type { SeededRandom } from "@activity-events/testing/seeded-random";
import type { Client } from "@grpc/grpc-js";
import { randomEvent } from "./random-events.ts";

const service = "/activityevents.v1.ActivityEventsService";

/** Appends random events to a deployment, alone and in batches; answers which sequences have fields that JSON does not show. */
export async function appendRandom(
  client: Client,
  random: SeededRandom,
  { deploymentId, from, to }: { readonly deploymentId: string; readonly from: number; readonly to: number },
): Promise<number[]> {
  const withUnknown: number[] = [];
  for (let sequence = from; sequence <= to; ) {
    const isBatch = random.between(0, 1) === 1;
    const count = isBatch ? Math.min(random.between(1, 5), to - sequence + 1) : 1;
    const events = Array.from({ length: count }, (_, index) => {
      const { encoded, hasUnknown } = randomEvent(random, deploymentId, `event-${sequence + index}`);
      if (hasUnknown) withUnknown.push(sequence + index);
      return encoded;
    });
    const number = isBatch ? 2 : 1;
    const records = events.map((event) => lengthDelimited(number, event));
    const names = isBatch ? [lengthDelimited(1, Buffer.from(deploymentId))] : [];
    await callRaw(
      client,
      `${service}/${isBatch ? "BatchCreateEvents" : "CreateEvent"}`,
      Buffer.concat([...names, ...records]),
    );
    sequence += count;
  }
  return withUnknown;
}

function lengthDelimited(number: number, value: Uint8Array): Buffer {
  const head = [(number << 3) | 2];
  let rest = value.length;
  for (; rest > 0x7f; rest >>>= 7) head.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...head, rest]), value]);
}
