import { ActivityEventsClient } from "@activity-events/client";

interface StoredFaultsOptions {
  readonly address: string;
  /** Token of who may read these deployments, and no others. */
  readonly token?: string | undefined;
  /** Number of acknowledged events per deployment. */
  readonly acknowledged: ReadonlyMap<string, number>;
  /** Most deployments to read back completely; of the others only the heads are compared. */
  readonly readBackMax: number;
}

/** Compares acknowledged events with the service's data: heads, gaps and repeated ids; returns faults as sentences. */
export async function storedFaults(options: StoredFaultsOptions): Promise<readonly string[]> {
  const { address, token, acknowledged, readBackMax } = options;
  const client = new ActivityEventsClient({
    address,
    tls: false,
    ...(token === undefined ? {} : { token: async () => token }),
  });
  const faults: string[] = [];
  try {
    const heads = new Map<string, number>();
    for await (const head of client.listDeployments({ pageSize: 1_000 })) {
      heads.set(head.deploymentId, Number(head.headSequence));
    }
    for (const id of new Set([...heads.keys(), ...acknowledged.keys()])) {
      const [stored, wanted] = [heads.get(id) ?? 0, acknowledged.get(id) ?? 0];
      if (stored !== wanted) faults.push(`${id}: ${wanted} events were acknowledged, ${stored} are stored`);
    }
    const every = Math.max(1, Math.floor(acknowledged.size / readBackMax));
    for (const [place, [id, wanted]] of [...acknowledged].entries()) {
      // A missing deployment is already a fault.
      if (place % every === 0 && heads.has(id)) faults.push(...(await readBack(client, id, wanted)));
    }
  } finally {
    client.close();
  }
  return faults;
}

async function readBack(client: ActivityEventsClient, deploymentId: string, wanted: number): Promise<string[]> {
  const ids = new Set<string>();
  let last = 0;
  for await (const frame of client.streamEvents({ deploymentId })) {
    if (frame.case !== "events") continue;
    for (const { sequence, eventId } of frame.value.events) {
      if (Number(sequence) !== last + 1) return [`${deploymentId}: sequence ${sequence} is read after ${last}`];
      last += 1;
      ids.add(eventId);
    }
  }
  if (last !== wanted) return [`${deploymentId}: ${wanted} events were acknowledged, ${last} are read`];
  return ids.size === wanted ? [] : [`${deploymentId}: ${wanted} events have ${ids.size} ids`];
}
