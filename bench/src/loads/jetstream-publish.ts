import { jetstream, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { deploymentId, EventTemplate, eventId } from "../event-template.ts";
import { closedLoop } from "./closed-loop.ts";
import { countFaults } from "./count-faults.ts";
import type { Load, LoadOptions } from "./load.ts";

/** JetStream publish to a stream on disk, with an id for duplicate detection. */
export async function openJetstreamPublish({ address, inFlight, deployments }: LoadOptions): Promise<Load> {
  const connection = await connect({ servers: address });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "events", subjects: ["events.>"], storage: StorageType.File });
  const publisher = jetstream(connection);
  const template = EventTemplate.ofEvent();
  let made = 0;
  return {
    round: (ms) =>
      closedLoop({
        inFlight,
        ms,
        operation: async () => {
          made += 1;
          const deployment = made % deployments;
          const msgID = eventId(made);
          const { duplicate } = await publisher.publish(
            `events.${deploymentId(deployment)}`,
            template.make(deployment, made),
            { msgID },
          );
          if (duplicate) throw new Error(`${msgID} was taken for a duplicate`);
        },
      }),
    settle: () => {},
    verify: async () => countFaults(made, (await manager.streams.info("events")).state.messages),
    close: () => connection.close(),
  };
}
