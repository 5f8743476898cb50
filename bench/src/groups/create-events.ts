import type { Group } from "../contender.ts";
import { loadContender } from "../load-contender.ts";
import { startActivityService } from "../servers/activity-service.ts";
import { startEtcd } from "../servers/etcd.ts";
import { startNats } from "../servers/nats.ts";
import { startPostgres } from "../servers/postgres.ts";
import { startRawGrpc } from "../servers/raw-grpc.ts";
import { startRedis } from "../servers/redis.ts";

/** One event a call, beside the same in the peers. */
export function createEvents(inFlight: number): Group {
  const name = `create-${inFlight}`;
  const unit = "events/s";
  const options = { inFlight, deployments: 1_000 };
  const contender = (key: string) => ({ key: `${name}/${key}`, unit, options }) as const;
  return {
    name,
    title: `Recording one event a call, ${inFlight} in flight`,
    contenders: [
      loadContender({
        ...contender("lean"),
        title: "CreateEvent, durable",
        start: startActivityService,
        load: "create-event",
      }),
      loadContender({
        ...contender("grpc"),
        title: "grpc-js, unary, stores nothing",
        start: startRawGrpc,
        load: "unary-echo",
      }),
      loadContender({
        ...contender("etcd"),
        title: 'etcd "create if absent", durable',
        start: startEtcd,
        load: "etcd-create",
      }),
      loadContender({
        ...contender("client"),
        title: "CreateEvent through our client library, durable",
        start: startActivityService,
        load: "client-create",
      }),
      loadContender({
        ...contender("jetstream"),
        title: "JetStream publish with Nats-Msg-Id, not synced",
        start: startNats,
        load: "jetstream-publish",
      }),
      loadContender({
        ...contender("redis"),
        title: "Redis XADD, appendfsync always, durable",
        start: startRedis,
        load: "redis-xadd",
      }),
      loadContender({
        ...contender("postgres"),
        title: "PostgreSQL INSERT, unique key, COMMIT, durable",
        start: startPostgres,
        load: "postgres-insert",
      }),
    ],
  };
}
