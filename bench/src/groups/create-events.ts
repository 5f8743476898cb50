import type { Group } from "../contender.ts";
import { eventsPerSecond, loadContender } from "../load-contender.ts";
import { startActivityService } from "../servers/activity-service.ts";
import { startEtcd } from "../servers/etcd.ts";
import { startNats } from "../servers/nats.ts";
import { startPostgres } from "../servers/postgres.ts";
import { startRawGrpc } from "../servers/raw-grpc.ts";
import { startRedis } from "../servers/redis.ts";

/** One event per call, compared with the peers. */
export function createEvents(inFlight: number): Group {
  const name = `create-${inFlight}`;
  const options = { inFlight, deployments: 1_000 };
  const row = (key: string, title: string) => eventsPerSecond(`${name}/${key}`, title);
  return {
    name,
    title: `Recording one event a call, ${inFlight} in flight`,
    contenders: [
      loadContender({
        rows: row("lean", "CreateEvent, durable"),
        start: startActivityService,
        load: "create-event",
        options,
      }),
      loadContender({
        rows: row("grpc", "grpc-js, unary, stores nothing"),
        start: startRawGrpc,
        load: "unary-echo",
        options,
      }),
      loadContender({
        rows: row("etcd", 'etcd "create if absent", durable'),
        start: startEtcd,
        load: "etcd-create",
        options,
      }),
      loadContender({
        rows: row("client", "CreateEvent through our client library, durable"),
        start: startActivityService,
        load: "client-create",
        options,
      }),
      loadContender({
        rows: row("jetstream", "JetStream publish with Nats-Msg-Id, not synced"),
        start: startNats,
        load: "jetstream-publish",
        options,
      }),
      loadContender({
        rows: row("redis", "Redis XADD, appendfsync always, durable"),
        start: startRedis,
        load: "redis-xadd",
        options,
      }),
      loadContender({
        rows: row("postgres", "PostgreSQL INSERT, unique key, COMMIT, durable"),
        start: startPostgres,
        load: "postgres-insert",
        options,
      }),
    ],
  };
}
