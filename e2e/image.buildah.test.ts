import { readFileSync } from "node:fs";
import { Health, HealthCheckResponse_ServingStatus } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { call, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp } from "@activity-events/testing/running-service";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import manifest from "../package.json" with { type: "json" };
import { type BuiltImage, buildImage } from "./built-image.ts";
import { readStoredEvents } from "./stored-events.ts";

jest.setTimeout(300_000);

const node = "/usr/local/bin/node";

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

describe("the image", () => {
  let image: BuiltImage;

  beforeAll(async () => {
    image = await buildImage();
  });
  afterAll(() => image?.remove());

  test("records and lists as its own user with a read-only root file system, keeps its file on /data, and drains", async () => {
    const service = await image.start({ port: await freePort(), environment: { ACCESS: "open" } });
    const client = connect(service.address);

    const { status } = await call(client, Health.method.check, { service: "" });
    await call(client, methods.createEvent, { event: { deploymentId: "release-42", eventId: "e", message: "hi" } });
    const { address } = service;
    const asked = await image.run([node, "/app/client/activity_client.cjs", "--address", address, "health"]);
    const page = await image.run([node, "/app/page/activity_page.cjs", "--version"]);
    const webhooks = await image.run([node, "/app/webhooks/activity_webhooks.cjs", "--version"]);
    const stored = await readStoredEvents(client, "release-42");
    const [uids] = /^Uid:.*$/m.exec(readFileSync(`/proc/${service.pid}/status`, "utf8")) ?? [];
    const mounts = readFileSync(`/proc/${service.pid}/mounts`, "utf8");
    service.signal("SIGTERM");

    expect(asked).toBe("SERVING\n");
    expect(page).toMatch(/^activity_page \d/);
    expect(webhooks).toMatch(/^activity_webhooks \d/);
    expect(status).toBe(HealthCheckResponse_ServingStatus.SERVING);
    expect(stored.map(({ eventId }) => eventId)).toEqual(["e"]);
    expect(uids).toBe("Uid:\t65532\t65532\t65532\t65532");
    expect(mounts).toMatch(/^\S+ \/ \S+ ro[, ]/m);
    expect(service.log).toContainEqual(expect.objectContaining({ message: "listening", file: "/data/events.db" }));
    expect(await service.exited).toEqual({ code: 0, signal: null });
  });

  test("refuses to start on Cloud Run with the store that it has by default, and says why", async () => {
    const started = image.start({ port: await freePort(), environment: { K_SERVICE: "activity-events" } });

    await expect(started).rejects.toThrow(/STORE must be firestore on Cloud Run/);
  });

  test("refuses to start before somebody says who may call, and tells the settings that say it", async () => {
    const started = image.start({ port: await freePort() });

    await expect(started).rejects.toThrow(
      /HOST is 0\.0\.0\.0, which others can reach.*\n.* ACCESS_FILE=access\.yaml .*\n.* ACCESS=open /,
    );
  });

  test("holds Node, what Node loads, the programs, their licences, and nothing else", () => {
    const others = image.files.filter(
      (file) => !/^\/app\/(service|client|page|webhooks)\/([\w-]+\.cjs|\.compiled\/[\w.-]+-65532\/\w+)$/.test(file),
    );

    expect(image.files).toContain("/app/service/activity_server.cjs");
    expect(image.files).toContain("/app/client/activity_client.cjs");
    expect(image.files).toContain("/app/page/activity_page.cjs");
    expect(image.files).toContain("/app/webhooks/activity_webhooks.cjs");
    // Node's own licence comes with its own image; a stand-in for that may lack it.
    const nodes = others.filter((file) => file === "/usr/local/LICENSE");
    expect(others.filter((file) => !/\/(lib[\w+]+|ld-linux[\w-]*)\.so(\.\d+)+$/.test(file)).sort()).toEqual([
      "/app/LICENSE",
      "/app/THIRD-PARTY-LICENSES",
      "/etc/os-release",
      ...nodes,
      "/usr/local/bin/node",
      "/usr/share/doc/libc6/copyright",
      "/usr/share/doc/libgcc-s1/copyright",
      "/usr/share/doc/libstdc++6/copyright",
      "/var/lib/dpkg/status.d/libc6",
      "/var/lib/dpkg/status.d/libgcc-s1",
      "/var/lib/dpkg/status.d/libstdc++6",
    ]);
  });

  test("starts without a shell, as a numeric user, listens to the outside, and says what it is made of", () => {
    const { User, Entrypoint, Env, Labels, Volumes } = image.config;

    expect(User).toMatch(/^[1-9]\d+:[1-9]\d+$/);
    expect(Entrypoint).toEqual([node, "/app/service/activity_server.cjs"]);
    expect(Env).toEqual(
      expect.arrayContaining([
        "HOST=0.0.0.0",
        "PORT=8080",
        "DATA_DIR=/data",
        "MALLOC_MMAP_THRESHOLD_=65536",
        "NODE_OPTIONS=--max-semi-space-size=8",
      ]),
    );
    expect(Env.filter((variable) => variable.startsWith("ACCESS"))).toEqual([]);
    expect(Volumes).toEqual({ "/data": {} });
    expect(Labels).toMatchObject({
      "org.opencontainers.image.version": manifest.version,
      "org.opencontainers.image.revision": expect.stringMatching(/^[0-9a-f]{40}(-dirty)?$/),
      "org.opencontainers.image.source": expect.anything(),
    });
  });
});
