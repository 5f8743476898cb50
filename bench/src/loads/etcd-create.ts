import { Etcd3 } from "etcd3";
import { deploymentId, EventTemplate, eventId } from "../event-template.ts";
import { closedLoop } from "./closed-loop.ts";
import { countFaults } from "./count-faults.ts";
import type { Load, LoadOptions } from "./load.ts";

/** etcd's "create if absent": a transaction that puts a key whose create revision is 0. */
export async function openEtcdCreate({ address, inFlight, deployments }: LoadOptions): Promise<Load> {
  const client = new Etcd3({ hosts: `http://${address}` });
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
          const key = `${deploymentId(deployment)}/${eventId(made)}`;
          const { succeeded } = await client
            .if(key, "Create", "==", 0)
            .then(client.put(key).value(template.make(deployment, made)))
            .commit();
          if (!succeeded) throw new Error(`${key} was there already`);
        },
      }),
    settle: () => {},
    verify: async () => countFaults(made, await client.getAll().prefix("deployment-").count()),
    close: async () => client.close(),
  };
}
