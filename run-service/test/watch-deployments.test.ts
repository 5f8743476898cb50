import { connect as connectHttp2 } from "node:http2";
import { type DeploymentId, type EventStore, StoreFaultError, type WatchOptions } from "@activity-events/event-store";
import {
  ActivityEventsService,
  GoawayReason,
  type WatchDeploymentsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { DeploymentState } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { grpcFrame } from "@activity-events/testing/raw-http2";
import type { ServiceClient } from "@activity-events/testing/service-client";
import { until } from "@activity-events/testing/until";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "@jest/globals";
import { limits } from "../src/limits.ts";
import { embedService } from "./embed-service.ts";
import type { EventInit } from "./new-event.ts";
import { readRefusal } from "./read-refusal.ts";
import { stores } from "./start-service.ts";

const { createEvent, batchCreateEvents, watchDeployments } = ActivityEventsService.method;

const record = (client: ServiceClient, deploymentId: string, fields: EventInit = {}) =>
  client.call(createEvent, { event: { message: "x", ...fields, deploymentId } });

/** A frame in one short line: `deployments a 2, b 1`, `left a`, `caughtUp`. */
function inWords({ frame }: WatchDeploymentsResponse): string {
  switch (frame.case) {
    case "deployments":
      return `deployments ${frame.value.deployments.map((one) => `${one.deploymentId} ${one.headSequence}`).join(", ")}`;
    case "left":
    case "damaged":
      return `${frame.case} ${frame.value.deploymentIds.join(", ")}`;
    case "goaway":
      return `goaway ${GoawayReason[frame.value.reason]}`;
    default:
      return `${frame.case}`;
  }
}

const is = (words: string) => (frame: WatchDeploymentsResponse) => inWords(frame) === words;

describe.each(stores)("WatchDeployments on %s", (store) => {
  test("shows what there is, newest created first, and then each change", async () => {
    let timeUs = 1_000_000;
    await using service = await embedService({ store, clock: () => (timeUs += 1) });
    const { client } = service;
    for (const id of ["a", "b"]) await record(client, id);

    const reader = client.stream(watchDeployments, {});
    const list = await reader.until(is("caughtUp"));
    await record(client, "a", { type: "deployment.started", environment: "prod" });
    const changed = await reader.next();
    await record(client, "c");
    const created = await reader.next();
    reader.cancel();

    expect(list.map(inWords)).toEqual(["opened", "deployments b 1, a 1", "caughtUp"]);
    expect(list[0]?.frame.value).toMatchObject({ heartbeatInterval: { seconds: 15n } });
    expect(inWords(changed)).toBe("deployments a 2");
    expect(changed.frame.value).toMatchObject({
      deployments: [{ state: DeploymentState.RUNNING, environment: "prod" }],
    });
    expect(inWords(created)).toBe("deployments c 1");
  });

  test("shows an empty store as such", async () => {
    await using service = await embedService({ store });

    const reader = service.client.stream(watchDeployments, {});
    const frames = await reader.until(is("caughtUp"));
    reader.cancel();

    expect(frames.map(inWords)).toEqual(["opened", "caughtUp"]);
  });

  test("shows what matches, and tells of what matches no more", async () => {
    await using service = await embedService({ store });
    const { client } = service;
    await record(client, "shop", { environment: "prod", service: "shop", type: "deployment.started" });
    await record(client, "mail", { environment: "prod", service: "mail" });

    const filter = { environment: "prod", service: "shop", state: DeploymentState.RUNNING };
    const reader = client.stream(watchDeployments, { filter });
    const list = await reader.until(is("caughtUp"));
    await record(client, "shop", { type: "deployment.finished", outcome: Outcome.SUCCESS });
    const left = await reader.next();
    await record(client, "shop", { type: "deployment.started" });
    const back = await reader.next();
    reader.cancel();

    expect(list.map(inWords)).toEqual(["opened", "deployments shop 1", "caughtUp"]);
    expect(inWords(left)).toBe("left shop");
    expect(inWords(back)).toBe("deployments shop 3");
  });

  test("lists from a create time on, and shows changes of older ones all the same", async () => {
    let timeUs = 0;
    await using service = await embedService({ store, clock: () => timeUs });
    const { client } = service;
    for (const second of [1, 2, 3]) {
      timeUs = second * 1_000_000;
      await record(client, `d-${second}`);
    }

    const reader = client.stream(watchDeployments, { createTimeFrom: { seconds: 2n, nanos: 0 } });
    const list = await reader.until(is("caughtUp"));
    await record(client, "d-1");
    const changed = await reader.next();
    reader.cancel();

    expect(list.map(inWords)).toEqual(["opened", "deployments d-3 1, d-2 1", "caughtUp"]);
    expect(inWords(changed)).toBe("deployments d-1 2");
  });

  test("lists thousands in frames of a bounded size, each once", async () => {
    await using service = await embedService({ store });
    const { client } = service;
    const count = 5 * limits.frameDeploymentsMax + 7;
    await Promise.all(Array.from({ length: count }, (_, index) => record(client, `d-${index}`)));

    const reader = client.stream(watchDeployments, {});
    const frames = await reader.until(is("caughtUp"));
    reader.cancel();
    const sizes = frames.flatMap(({ frame }) => (frame.case === "deployments" ? [frame.value.deployments.length] : []));

    expect(Math.max(...sizes)).toBe(limits.frameDeploymentsMax);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
  });

  test("a head never goes back, and the last one comes, whatever was skipped", async () => {
    await using service = await embedService({ store });
    const { client } = service;
    const reader = client.stream(watchDeployments, {});
    await reader.until(is("caughtUp"));
    const seen = new Map<string, number[]>();
    const reading = (async () => {
      for (const ends = new Set(["a", "b", "c"]); ends.size > 0; ) {
        const { frame } = await reader.next();
        if (frame.case !== "deployments") continue;
        for (const { deploymentId, headSequence } of frame.value.deployments) {
          seen.set(deploymentId, [...(seen.get(deploymentId) ?? []), Number(headSequence)]);
          if (headSequence === 400n) ends.delete(deploymentId);
        }
      }
    })();

    for (let n = 0; n < 40; n += 1) {
      const events = Array.from({ length: 10 }, () => ({ message: "x" }));
      await Promise.all(
        ["a", "b", "c"].map((deploymentId) => client.call(batchCreateEvents, { deploymentId, events })),
      );
    }
    await reading;
    reader.cancel();

    for (const heads of seen.values()) expect(heads).toEqual([...heads].sort((one, other) => one - other));
    expect([...seen.keys()].sort()).toEqual(["a", "b", "c"]);
  });

  test("who falls too far behind gets the list again, in which each head is the newest", async () => {
    let timeUs = 0;
    await using service = await embedService({ store, around: withHeldHeads, clock: () => (timeUs += 1_000) });
    const { client } = service;
    await record(client, "first");
    const reader = client.stream(watchDeployments, {});
    await reader.until(is("caughtUp"));

    held = Promise.withResolvers<void>();
    await record(client, "first");
    for (let n = 0; n < 3 * limits.changedDeploymentsMax; n += 1_000) {
      report?.onChanged(Array.from({ length: 1_000 }, (_, index) => `unknown-${n + index}` as DeploymentId));
    }
    await record(client, "second");
    held.resolve();
    held = undefined;
    const frames = await reader.until(is("caughtUp"));
    await record(client, "third");
    frames.push(...(await reader.until(is("deployments third 1"))));
    reader.cancel();

    const words = frames.map(inWords);
    const list = words.slice(words.indexOf("fellBehind"), words.indexOf("fellBehind") + 3);
    expect(list).toEqual(["fellBehind", "deployments second 1, first 2", "caughtUp"]);
    expect(words.at(-1)).toBe("deployments third 1");
  });

  test("a store that cannot say what changed has the list sent again", async () => {
    await using service = await embedService({ store, around: withHeldHeads });
    await record(service.client, "d");
    const reader = service.client.stream(watchDeployments, {});
    await reader.until(is("caughtUp"));

    report?.onMissed();
    const frames = await reader.until(is("caughtUp"));
    reader.cancel();

    expect(frames.map(inWords)).toEqual(["fellBehind", "deployments d 1", "caughtUp"]);
  });

  test("a damaged head is named, in the list and later, and the others are shown", async () => {
    let timeUs = 0;
    await using service = await embedService({ store, around: withDamaged("b"), clock: () => (timeUs += 1_000) });
    const { client } = service;
    for (const id of ["a", "b", "c"]) await record(client, id);

    const reader = client.stream(watchDeployments, {});
    const list = await reader.until(is("caughtUp"));
    await record(client, "b");
    const changed = await reader.next();
    reader.cancel();

    expect(list.map(inWords)).toEqual(["opened", "deployments c 1", "damaged b", "deployments a 1", "caughtUp"]);
    expect(inWords(changed)).toBe("damaged b");
  });

  test("heartbeats come while nothing changes", async () => {
    await using service = await embedService({ store, heartbeatIntervalMs: 30 });

    const reader = service.client.stream(watchDeployments, {});
    await reader.until(is("caughtUp"));
    const frames = [await reader.next(), await reader.next()];
    reader.cancel();

    expect(frames.map(inWords)).toEqual(["heartbeat", "heartbeat"]);
  });

  test("ends at its age with goaway and OK", async () => {
    await using service = await embedService({ store, streamMaxAgeMs: 1_000 });

    const reader = service.client.stream(watchDeployments, {});
    const frames = await reader.rest();

    expect(frames.map(inWords)).toEqual(["opened", "caughtUp", "goaway MAX_AGE"]);
    expect(await reader.status).toMatchObject({ code: status.OK });
  });

  test("listens to the store only while somebody watches", async () => {
    const counts = { opened: 0, closed: 0 };
    await using service = await embedService({ store, around: (whole) => counting(whole, counts) });
    const open = async () => {
      const reader = service.client.stream(watchDeployments, {});
      await reader.until(is("caughtUp"));
      return reader;
    };

    expect(counts).toEqual({ opened: 0, closed: 0 });
    const [one, other] = [await open(), await open()];
    expect(counts).toEqual({ opened: 1, closed: 0 });
    one.cancel();
    other.cancel();
    await until(() => counts.closed === 1, "the listener is let go");
    const again = await open();
    expect(counts).toEqual({ opened: 2, closed: 1 });
    again.cancel();
  });

  test("refuses a filter and a time that are not the contract's", async () => {
    await using service = await embedService({ store });
    const filter = { environment: "x".repeat(257), state: 99 as DeploymentState };
    const createTimeFrom = { seconds: -99_999_999_999_999n, nanos: 0 };

    const reader = service.client.stream(watchDeployments, { filter, createTimeFrom });
    const refusal = readRefusal(await reader.status);

    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_INVALID" });
    expect([...refusal.fields].sort()).toEqual(["create_time_from", "filter.environment", "filter.state"]);
  });
});

test("watchers that read nothing hold the bytes that the wire has not taken, and none for work that is done", async () => {
  let pages = 0;
  await using service = await embedService({
    around: (store) => ({
      ...store,
      readDeployments: (request) => {
        pages += 1;
        return store.readDeployments(request);
      },
    }),
  });
  const text = "h".repeat(256);
  const large = { environment: text, service: text, revision: text, actor: text, commit: text, url: "u".repeat(1_024) };
  await Promise.all(Array.from({ length: 300 }, (_, index) => record(service.client, `d-${index}`, large)));
  const session = connectHttp2(`http://${service.address}`, { settings: { initialWindowSize: 0 } });
  const headers = { ":method": "POST", "content-type": "application/grpc", te: "trailers" };
  const watchers = 10;

  for (let watcher = 0; watcher < watchers; watcher += 1) {
    const stream = session.request({ ...headers, ":path": methodPath(watchDeployments) });
    stream.on("error", () => {}).end(grpcFrame(new Uint8Array()));
  }
  // Two pages are more than the frames that may wait for the wire.
  await until(() => pages === 2 * watchers, "the frames are made");
  const frameBytes = 250 * 1_024;
  await until(() => service.budget.held < watchers * 2 * frameBytes, "the work gives its bytes back");
  session.destroy();

  expect(pages).toBe(2 * watchers);
});

let report: WatchOptions | undefined;
let held: PromiseWithResolvers<void> | undefined;

/** Hands the watch's callbacks to the test, and holds reads of heads while the test wants it. */
function withHeldHeads(store: EventStore): EventStore {
  return {
    ...store,
    readDeployment: async (deploymentId) => {
      await held?.promise;
      return store.readDeployment(deploymentId);
    },
    watch: (options) => {
      report = options;
      return store.watch(options);
    },
  };
}

/** A store in which the head of this deployment is damaged. */
function withDamaged(damaged: string): (store: EventStore) => EventStore {
  const fault = (createTimeUs: number | undefined) =>
    new StoreFaultError("STORE_DAMAGED", "the head is not as it was stored", {
      place: { deploymentId: damaged as DeploymentId, ...(createTimeUs === undefined ? {} : { createTimeUs }) },
    });
  return (store) => ({
    ...store,
    readDeployment: async (deploymentId) => {
      if (deploymentId === damaged) throw fault(undefined);
      return store.readDeployment(deploymentId);
    },
    readDeployments: async (request) => {
      const page = await store.readDeployments(request);
      const index = page.deployments.findIndex(({ deploymentId }) => deploymentId === damaged);
      if (index < 0) return page;
      if (index === 0) throw fault(page.deployments[0]?.createTimeUs);
      const deployments = page.deployments.slice(0, index);
      const last = deployments.at(-1);
      return { deployments, next: last && { createTimeUs: last.createTimeUs, deploymentId: last.deploymentId } };
    },
  });
}

function counting(store: EventStore, counts: { opened: number; closed: number }): EventStore {
  return {
    ...store,
    watch: (options) => {
      counts.opened += 1;
      const listener = store.watch(options);
      return {
        ready: listener.ready,
        close: () => {
          counts.closed += 1;
          listener.close();
        },
      };
    },
  };
}
