import { type DeploymentId, type EventStore, everyEvent, type StoredEvent } from "../src/index.ts";

/** Dumps a small store, one head or event per line, as JSON with bytes in hex. */
export async function storedLines(store: EventStore): Promise<string[]> {
  const { deployments } = await store.readDeployments({
    cursor: undefined,
    filter: { environment: "", service: "", state: undefined },
    deploymentsMax: 1_000,
    hidden: true,
  });
  const lines: string[] = [];
  for (const head of deployments) {
    const { deploymentId } = head;
    lines.push(JSON.stringify({ head }, (_, value) => (value instanceof Uint8Array ? hexOf(value) : value)));
    for (const event of await eventsOf(store, deploymentId)) {
      const bytes = { content: hexOf(event.content), stamp: hexOf(event.stamp), salt: hexOf(event.salt) };
      const { redaction } = event;
      const kept = redaction && { redaction: Object.values(redaction).map(hexOf) };
      lines.push(JSON.stringify({ deploymentId, event: { ...event, ...bytes, ...kept } }));
    }
  }
  return lines;
}

async function eventsOf(store: EventStore, deploymentId: DeploymentId): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  let cursor: number | undefined;
  for (;;) {
    const request = { deploymentId, order: "ascending", filter: everyEvent, eventsMax: 1_000, hidden: true } as const;
    const page = await store.readEvents({ ...request, cursor, bytesMax: 3_000_000 });
    events.push(...page.events);
    if (!page.more) return events;
    cursor = page.cursor;
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
