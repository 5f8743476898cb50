import type { Load, LoadOptions } from "./load.ts";

/** Opens each kind of load; the code is loaded on demand. */
const loads = {
  "create-event": async (options) => (await import("./create-event.ts")).openCreateEvent(options),
  "client-create": async (options) => (await import("./client-create.ts")).openClientCreate(options),
  "stream-events": async (options) => (await import("./stream-events.ts")).openStreamEvents(options),
  "list-events": async (options) => (await import("./list-events.ts")).openListEvents(options),
  "follow-arrivals": async (options) => (await import("./follow-arrivals.ts")).openFollowArrivals(options),
  "idle-followers": async (options) => (await import("./idle-followers.ts")).openIdleFollowers(options),
  "ingest-events": async (options) => (await import("./ingest-events.ts")).openIngestEvents(options),
  "client-ingest": async (options) => (await import("./client-ingest.ts")).openClientIngest(options),
  "sqlite-commit": async (options) => (await import("./sqlite-commit.ts")).openSqliteCommit(options),
  "unary-echo": async (options) => (await import("./unary-echo.ts")).openUnaryEcho(options),
  "etcd-create": async (options) => (await import("./etcd-create.ts")).openEtcdCreate(options),
  "jetstream-publish": async (options) => (await import("./jetstream-publish.ts")).openJetstreamPublish(options),
  "redis-xadd": async (options) => (await import("./redis-xadd.ts")).openRedisXadd(options),
  "postgres-insert": async (options) => (await import("./postgres-insert.ts")).openPostgresInsert(options),
} satisfies Record<string, (options: LoadOptions) => Promise<Load>>;

export type LoadKind = keyof typeof loads;

/** Opens a load by its kind. */
export function openLoad(kind: string, options: LoadOptions): Promise<Load> {
  const open = (loads as Partial<Record<string, (options: LoadOptions) => Promise<Load>>>)[kind];
  if (open === undefined) throw new Error(`there is no load ${JSON.stringify(kind)}`);
  return open(options);
}
