import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import {
  ActivityEventsService,
  GoawayReason,
  type StreamEventsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { ServiceClient } from "@activity-events/testing/service-client";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { startIssuer } from "@activity-events/testing/token-issuer";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { limits } from "../src/limits.ts";
import { type GuardedService, startGuarded } from "./guarded-service.ts";
import { refusalOf } from "./read-refusal.ts";

const { method } = ActivityEventsService;
const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const as = (name: string) => ({ headers: { authorization: `Bearer secret-of-${name}` } });
const tokens = (...names: readonly string[]) =>
  `tokens:\n${names.map((name) => `  - {name: ${name}, sha256: ${hash(`secret-of-${name}`)}}\n`).join("")}`;
const rules = (more = "") => `${tokens("root", "writer", "reader", "editor")}bindings:
  - {role: admin, members: [token:root]}
  - {role: writer, members: [token:writer], prefixes: ["7"]}
  - {role: reader, members: [token:reader], prefixes: ["7"]}
  - {role: editor, members: [token:editor]}
${more}`;

const isGoaway = ({ frame }: StreamEventsResponse) => frame.case === "goaway";

describe("with an access file", () => {
  let service: GuardedService;
  beforeAll(async () => {
    service = await startGuarded(rules());
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
  });

  test("every way to record an event stores who did it, and every reader shows it", async () => {
    const { client } = service;
    const deploymentId = "701";
    await client.call(method.createEvent, { event: { deploymentId, eventId: "1", message: "m" } }, as("root"));
    const events = [{ eventId: "2", message: "m", sendTime: { seconds: 1n, nanos: 5 } }];
    await client.call(method.batchCreateEvents, { deploymentId, events }, as("editor"));
    const ingest = client.bidi(method.ingestEvents, as("writer"));
    // With labels, so that it is decoded.
    ingest.send({
      events: [
        { deploymentId, eventId: "3", message: "m" },
        { deploymentId, eventId: "4", message: "m", labels: { a: "b" } },
      ],
    });
    ingest.finish();
    await ingest.rest();
    await client.call(ActivityEvents.method.createEvent, { id: 5, message: "m", deploymentId: 701 }, as("writer"));

    const listed = await client.call(method.listEvents, { deploymentId }, as("reader"));
    const streamed = await client.stream(method.streamEvents, { deploymentId }, as("reader")).rest();
    const read = await client.call(method.getEvent, { deploymentId, eventId: "4" }, as("reader"));

    const principals = ["token:root", "token:editor", "token:writer", "token:writer", "token:writer"];
    expect(listed.events.map(({ principal }) => principal)).toEqual(principals);
    const frames = streamed.flatMap(({ frame }) => (frame.case === "events" ? frame.value.events : []));
    expect(frames.map(({ principal }) => principal)).toEqual(principals);
    expect(read.event?.principal).toBe("token:writer");
    expect(listed.events[1]?.sendTime).toMatchObject({ seconds: 1n, nanos: 5 });
  });

  test("a principal of the request's is ignored, and the retry of another principal is a duplicate with the first", async () => {
    const event = { deploymentId: "702", eventId: "1", message: "m", principal: "user:somebody@acme.example" };
    await service.client.call(method.createEvent, { event }, as("editor"));

    const again = await service.client.call(method.createEvent, { event }, as("root"));

    expect(again).toMatchObject({ duplicate: true, event: { principal: "token:editor" } });
  });

  test("a writer who may not read is answered without content, principal and the names of fields that differ", async () => {
    const stored = { deploymentId: "703", eventId: "1", message: "secret", sendTime: { seconds: 1n, nanos: 0 } };
    await service.client.call(method.createEvent, { event: stored }, as("root"));

    const again = await service.client.call(method.createEvent, { event: stored }, as("writer"));
    const batch = { deploymentId: "703", events: [{ ...stored, labels: {} }] };
    const [inBatch] = (await service.client.call(method.batchCreateEvents, batch, as("writer"))).results;
    const other = { event: { ...stored, message: "guess" } };
    const conflict = await refusalOf(service.client.call(method.createEvent, other, as("writer")));

    for (const answer of [again, inBatch]) {
      expect(answer).toMatchObject({
        duplicate: true,
        event: { eventId: "1", sequence: 1n, message: "", principal: "" },
      });
      expect(answer?.event?.sendTime).toBeUndefined();
      expect(answer?.transitTime).toBeUndefined();
      expect(answer?.event?.salt).toHaveLength(0);
    }
    expect(conflict).toMatchObject({ reason: "EVENT_ID_CONFLICT", metadata: { deployment_id: "703", event_id: "1" } });
    expect(JSON.stringify(conflict)).not.toMatch(/differ|secret|"message"[^:]/);
  });

  test("lists and watches leave out what the caller may not read, before and while it changes", async () => {
    const { client } = service;
    const create = (deploymentId: string) =>
      client.call(method.createEvent, { event: { deploymentId, message: "m" } }, as("root"));
    await Promise.all(["704", "804", "705", "805"].map(create));
    const watch = client.stream(method.watchDeployments, {}, as("reader"));
    const shown = await watch.until(({ frame }) => frame.case === "caughtUp");

    await create("804");
    await create("806");
    await create("706");
    const changed = await watch.until(({ frame }) => frame.case === "deployments");
    watch.cancel();
    const [listed, pageTokens] = [[] as string[], [] as string[]];
    let pageToken = "";
    do {
      const page = await client.call(method.listDeployments, { pageSize: 1, pageToken }, as("reader"));
      listed.push(...page.deployments.map(({ deploymentId }) => deploymentId));
      pageToken = page.nextPageToken;
      pageTokens.push(Buffer.from(pageToken, "base64url").toString("latin1"));
    } while (pageToken !== "");
    const ancestor = await client.stream(ActivityEvents.method.listEvents, { id: 0 }, as("reader")).rest();

    // A page may end at a deployment that the caller may not read; its token does not name it.
    expect(pageTokens.length).toBeGreaterThan(4);
    expect(pageTokens.filter((text) => /80[456]/.test(text))).toEqual([]);
    expect(new Set(pageTokens.map(({ length }) => length)).size).toBe(2);
    const ids = [...shown, ...changed].flatMap(({ frame }) =>
      frame.case === "deployments" ? frame.value.deployments.map(({ deploymentId }) => deploymentId) : [],
    );
    expect(ids).toEqual(expect.arrayContaining(["704", "705", "706"]));
    expect(listed).toEqual(expect.arrayContaining(["704", "705", "706"]));
    expect(ancestor.map((event) => `${event.deploymentId}`)).toEqual(expect.arrayContaining(["704", "705", "706"]));
    for (const all of [ids, listed, ancestor.map((event) => `${event.deploymentId}`)])
      expect(all.filter((id) => !id.startsWith("7"))).toEqual([]);
  });

  test("IngestEvents acknowledges a denied event, and goes on", async () => {
    const ingest = service.client.bidi(method.ingestEvents, as("writer"));
    const events = ["801", "707", "802", "708"].map((deploymentId) => ({ deploymentId, eventId: "1", message: "m" }));
    ingest.send({ events });
    ingest.finish();

    const frames = await ingest.rest();

    const acknowledged = frames.flatMap(({ frame }) =>
      frame.case === "acknowledgements" ? frame.value.acknowledgements : [],
    );
    expect(acknowledged.map(({ status, deploymentId }) => [status?.code ?? 0, deploymentId])).toEqual([
      [7, "801"],
      [0, "707"],
      [7, "802"],
      [0, "708"],
    ]);
  });

  test("a denial is a line in the log, and no token ever is", async () => {
    await refusalOf(service.client.call(method.getDeployment, { deploymentId: "899" }, as("reader")));
    await refusalOf(service.client.call(method.getDeployment, { deploymentId: "899" }, as("nobody")));

    const denied = await service.process.line(({ deployment }) => deployment === "899");
    const unknown = await service.process.line(({ code }) => code === "ACCESS_UNAUTHENTICATED");

    const name = "activityevents.v1.ActivityEventsService/GetDeployment";
    expect(denied).toMatchObject({
      code: "ACCESS_DENIED",
      method: name,
      principal: "token:reader",
      permission: "read",
    });
    expect(unknown).toMatchObject({ severity: "WARNING", method: name, fault: "invalid" });
    expect(service.process.output.join("\n")).not.toContain("secret-of");
  });

  test("a token may be large, but nothing of it is kept or shown", async () => {
    const headers = { authorization: `Bearer secret-of-${"x".repeat(6_000)}` };

    const refusal = await refusalOf(service.client.call(method.getDeployment, { deploymentId: "7" }, { headers }));

    expect(refusal).toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "CREDENTIALS_INVALID",
      metadata: { fault: "invalid" },
    });
    expect(JSON.stringify(refusal)).not.toContain("secret-of");
  });
});

describe("a stream of a caller", () => {
  test("ends with goaway when the access file permits something else, and goes on when it does not", async () => {
    await using service = await startGuarded(rules());
    const { client } = service;
    const follow = { deploymentId: "71", follow: true };
    const [reader, editor] = [
      client.stream(method.streamEvents, follow, as("reader")),
      client.stream(method.streamEvents, follow, as("editor")),
    ];
    const watch = client.stream(method.watchDeployments, {}, as("reader"));
    const ingest = client.bidi(method.ingestEvents, as("writer"));
    await reader.until(({ frame }) => frame.case === "caughtUp");
    await editor.until(({ frame }) => frame.case === "caughtUp");
    await watch.until(({ frame }) => frame.case === "caughtUp");
    await ingest.until(({ frame }) => frame.case === "opened");

    await service.change(
      `${tokens("root", "editor")}bindings:\n  - {role: admin, members: [token:root]}\n  - {role: editor, members: [token:editor]}\n`,
    );

    const goaways = await Promise.all([reader.rest(), watch.rest(), ingest.rest()]);
    for (const frames of goaways)
      expect(frames.at(-1)?.frame).toMatchObject({ case: "goaway", value: { reason: GoawayReason.CREDENTIALS } });
    expect((await reader.status).code).toBe(0);
    await client.call(method.createEvent, { event: { deploymentId: "71", message: "m" } }, as("editor"));
    expect((await editor.until(({ frame }) => frame.case === "events")).some(isGoaway)).toBe(false);
    editor.cancel();
    expect(await refusalOf(client.stream(method.streamEvents, follow, as("reader")).rest())).toMatchObject({
      code: "UNAUTHENTICATED",
    });
  });

  test("ends with goaway when its token expires, and what was in flight is acknowledged first", async () => {
    await using issuer = await startIssuer();
    const issuers = `issuers:\n  - {issuer: "${issuer.url}", audience: "https://activity.example"}\n`;
    await using service = await startGuarded(
      issuers + rules("  - {role: editor, members: [user:mira@acme.example]}\n"),
    );
    const claims = { email: "mira@acme.example", email_verified: true };
    // 30 s of tolerance.
    const token = await issuer.token({ claims, lastsSeconds: -27 });
    const headers = { authorization: `Bearer ${token}` };
    const reader = service.client.stream(method.streamEvents, { deploymentId: "71", follow: true }, { headers });
    const ingest = service.client.bidi(method.ingestEvents, { headers });
    ingest.send({ events: [{ deploymentId: "71", eventId: "1", message: "m" }] });

    const [read, ingested] = await Promise.all([reader.rest(), ingest.rest()]);

    expect(read.at(-1)?.frame).toMatchObject({
      case: "goaway",
      value: { reason: GoawayReason.CREDENTIALS, cursor: 1n },
    });
    expect(ingested.at(-1)?.frame).toMatchObject({
      case: "goaway",
      value: { reason: GoawayReason.CREDENTIALS, lastOrdinal: 1n },
    });
  });
});

test("a connection that brings one token alone is asked anew when the access file changes", async () => {
  await using service = await startGuarded(rules());
  const read = () => service.client.call(method.listDeployments, {}, as("reader"));
  await read();

  await service.change(
    rules().replace("{role: reader, members: [token:reader]", "{role: reader, members: [token:root]"),
  );

  expect(await refusalOf(read())).toMatchObject({ reason: "PERMISSION_DENIED" });
});

test("a changed access file that is no good is refused with its line, and the rules of before stay in force", async () => {
  await using service = await startGuarded(rules());

  await service.change("bindings:\n  - {role: reeder, members: [all]}\n");

  const refused = await service.process.line(({ code }) => code === "ACCESS_REFUSED");
  expect(refused.faults).toContainEqual(
    `${service.accessFile}:2:12: bindings[0].role must be one of reader, writer, editor, admin`,
  );
  await service.client.call(method.createEvent, { event: { deploymentId: "71", message: "m" } }, as("writer"));
});

test("without an access file, everybody on this machine may do everything, and nobody is named", async () => {
  await using service = await startGuarded(rules(), { ACCESS_FILE: "" });

  await service.client.call(
    method.createEvent,
    { event: { deploymentId: "d", eventId: "1", message: "m" } },
    as("unknown"),
  );

  const { event } = await service.client.call(method.getEvent, { deploymentId: "d", eventId: "1" });
  expect(event?.principal).toBe("");
});

describe("a principal's share", () => {
  test("of calls a second refuses what is beyond it, with the delay, and leaves others alone", async () => {
    await using service = await startGuarded(rules(), { PRINCIPAL_CALLS_PER_SECOND: "5" });
    const call = (name: string) =>
      service.client.call(method.listDeployments, {}, as(name)).then(() => "OK", refusalOfError);
    const refusalOfError = async (error: unknown) => (await refusalOf(Promise.reject(error))) as unknown;

    const mine = await Promise.all(Array.from({ length: 50 }, () => call("reader")));
    const others = await call("editor");

    expect(mine.filter((answer) => answer === "OK").length).toBeGreaterThanOrEqual(5);
    const refused = mine.filter((answer) => answer !== "OK");
    expect(refused.length).toBeGreaterThanOrEqual(30);
    expect(refused[0]).toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      reason: "SHARE_EXHAUSTED",
      metadata: { calls_per_second_max: "5" },
    });
    expect((refused[0] as { retryDelayMs: number }).retryDelayMs).toBeGreaterThan(0);
    expect(others).toBe("OK");
  });

  test("bounds what IngestEvents takes, which is read no faster, and refuses nothing", async () => {
    await using service = await startGuarded(rules(), { PRINCIPAL_CALLS_PER_SECOND: "50" });
    const ingest = service.client.bidi(method.ingestEvents, as("editor"));
    const events = Array.from({ length: 150 }, (_, index) => ({
      deploymentId: "d",
      eventId: `${index}`,
      message: "m",
    }));
    const begunMs = performance.now();
    ingest.send({ events });
    ingest.finish();

    const frames = await ingest.rest();

    const statuses = frames.flatMap(({ frame }) =>
      frame.case === "acknowledgements" ? frame.value.acknowledgements.map(({ status }) => status?.code ?? 0) : [],
    );
    expect(statuses).toEqual(Array(150).fill(0));
    // A second's worth at once, and then two seconds for the others.
    expect(performance.now() - begunMs).toBeGreaterThan(1_500);
  });

  test("of open streams is free again when one ends", async () => {
    await using service = await startGuarded(rules(), { PRINCIPAL_STREAMS: "2" });
    const open = () => service.client.stream(method.streamEvents, { deploymentId: "71", follow: true }, as("reader"));
    const [first, second] = [open(), open()];
    await Promise.all([first, second].map((stream) => stream.until(({ frame }) => frame.case === "caughtUp")));

    const refusal = await refusalOf(open().rest());
    first.cancel();
    await first.status;

    expect(refusal).toMatchObject({ reason: "SHARE_EXHAUSTED", metadata: { streams_max: "2" } });
    // The service hears of the end a moment later.
    for (;;) {
      const again = open();
      if ((await again.next().catch(() => undefined)) !== undefined) break;
    }
  });
});

test("a page token of who may not read every deployment is good after a restart, and for no other list", async () => {
  using folder = temporaryFolder();
  const environment = { STORE: "sqlite", DATA_DIR: folder.path };
  let token: string;
  {
    await using service = await startGuarded(rules(), environment);
    for (const deploymentId of ["71", "72"])
      await service.client.call(method.createEvent, { event: { deploymentId, message: "m" } }, as("root"));
    token = (await service.client.call(method.listDeployments, { pageSize: 1 }, as("reader"))).nextPageToken;
  }
  await using service = await startGuarded(rules(), environment);

  const { deployments } = await service.client.call(method.listDeployments, { pageToken: token }, as("reader"));
  const other = { pageToken: token, filter: { service: "shop" } };
  const spoiled = { pageToken: `${token.slice(0, 30)}${token[30] === "A" ? "B" : "A"}${token.slice(31)}` };

  expect(deployments.map(({ deploymentId }) => deploymentId)).toEqual(["71"]);
  for (const request of [other, spoiled, { pageToken: "AAAA" }])
    expect(await refusalOf(service.client.call(method.listDeployments, request, as("reader")))).toMatchObject({
      reason: "PAGE_TOKEN_INVALID",
    });
  expect(statSync(join(folder.path, "events.db-page-token-key")).mode & 0o777).toBe(0o600);
});

test("the pages of a list tell nothing of what its caller may not read", async () => {
  await using service = await startGuarded(rules());
  const create = (deploymentId: string, name: string) =>
    service.client.call(method.createEvent, { event: { deploymentId, message: "m", service: name } }, as("root"));
  for (const id of ["801", "71", "802", "803", "72", "804"]) await create(id, "shop");
  for (const id of ["811", "812", "813"]) await create(id, "hidden");
  const pagesOf = async (name: string) => {
    const pages: string[][] = [];
    let pageToken = "";
    do {
      const request = { pageSize: 1, pageToken, filter: { service: name } };
      const page = await service.client.call(method.listDeployments, request, as("reader"));
      pages.push(page.deployments.map(({ deploymentId }) => deploymentId));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return pages;
  };

  expect(await pagesOf("shop")).toEqual([["72"], ["71"]]);
  expect(await pagesOf("hidden")).toEqual(await pagesOf("nobody's"));
});

test("calls that need no credentials take no places of those that do", async () => {
  await using service = await startGuarded(rules());
  const clients = Array.from({ length: 8 }, () => new ServiceClient(service.address));
  const watches = clients.flatMap((client) => Array.from({ length: 90 }, () => client.stream(Health.method.watch, {})));
  const outcomes = await Promise.all(
    watches.map((watch) =>
      watch.next().then(
        () => "OK",
        () => "refused",
      ),
    ),
  );

  const reader = service.client.stream(method.streamEvents, { deploymentId: "71", follow: true }, as("reader"));
  await reader.until(({ frame }) => frame.case === "caughtUp");
  reader.cancel();
  for (const client of clients) client.close();

  expect(outcomes.filter((outcome) => outcome === "refused").length).toBeGreaterThan(100);
  expect(outcomes.filter((outcome) => outcome === "OK").length).toBeGreaterThanOrEqual(limits.openCallsMax);
});
