import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import {
  ActivityEventsService,
  EventOrder,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { ServiceClient } from "@activity-events/testing/service-client";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import {
  create,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { type EventInit, newEvents } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { startService } from "./start-service.ts";

const admin = ActivityEventsAdminService.method;
const v1 = ActivityEventsService.method;
const secret = "hunter2-in-the-log";
// Ids that the ancestor's service shows too.
const [deploymentId, eventId] = ["7", "1000"];
const event: EventInit = {
  ...{ deploymentId, eventId, type: "deployment.started", message: secret },
  ...{ data: { password: secret }, labels: { password: secret }, actor: secret },
  ...{ source: `/${secret}`, url: `https://x.test/${secret}` },
  ...{ environment: secret, service: secret, revision: secret, commit: secret },
};

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

/** Answers of the service as they come over the wire, each below a name. */
class Answers {
  readonly texts = new Map<string, string>();
  readonly #client: ServiceClient;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(client: ServiceClient, headers: Readonly<Record<string, string>>) {
    this.#client = client;
    this.#headers = headers;
  }

  async call<M extends DescMethodUnary>(name: string, method: M, request: MessageInitShape<M["input"]>): Promise<void> {
    const answer = await this.#client.call(method, request, { headers: this.#headers });
    this.texts.set(name, latin1(toBinary(method.output, answer)));
  }

  /** Reads a stream to its end, or to the frame `caughtUp` where it goes on. */
  async stream<M extends DescMethodServerStreaming>(
    name: string,
    method: M,
    request: MessageInitShape<M["input"]>,
    isFollowed = false,
  ): Promise<void> {
    const reader = this.#client.stream(method, request, { headers: this.#headers });
    const isCaughtUp = (answer: object) =>
      (answer as { readonly frame?: { readonly case?: string } }).frame?.case === "caughtUp";
    const answers = isFollowed ? await reader.until(isCaughtUp) : await reader.rest();
    reader.cancel();
    this.texts.set(name, answers.map((answer) => latin1(toBinary(method.output, answer))).join(""));
  }

  /** Asks every method that reads. */
  async readAll(): Promise<void> {
    const [ascending, descending] = [EventOrder.SEQUENCE_ASCENDING, EventOrder.SEQUENCE_DESCENDING];
    await this.call("GetEvent", v1.getEvent, { deploymentId, eventId });
    await this.call("GetDeployment", v1.getDeployment, { deploymentId });
    await this.call("ListDeployments", v1.listDeployments, {});
    await this.call("ListEvents", v1.listEvents, { deploymentId, pageSize: 1_000, orderBy: ascending });
    await this.call("ListEvents, backwards", v1.listEvents, { deploymentId, pageSize: 1_000, orderBy: descending });
    await this.call("ListEvents, filtered", v1.listEvents, { deploymentId, filter: { typePrefix: "deployment.st" } });
    await this.stream("StreamEvents", v1.streamEvents, { deploymentId });
    await this.stream("StreamEvents, followed", v1.streamEvents, { deploymentId, follow: true }, true);
    await this.stream("WatchDeployments", v1.watchDeployments, {}, true);
    await this.stream("ExportEvents", admin.exportEvents, {});
    await this.stream("the ancestor's ListEvents", ActivityEvents.method.listEvents, { id: Number(deploymentId) });
    await this.stream("the ancestor's ListEvents of all", ActivityEvents.method.listEvents, { id: 0 });
  }

  /** Records the same once more, and other content under its id. */
  async retryAll(): Promise<void> {
    await this.call("CreateEvent", v1.createEvent, { event });
    await this.call("BatchCreateEvents", v1.batchCreateEvents, { deploymentId, events: [event] });
    const stream = this.#client.bidi(v1.ingestEvents, { headers: this.#headers });
    stream.send({ events: [event, { ...event, message: "other" }] });
    stream.finish();
    const acknowledgements = await stream.rest();
    const frames = acknowledgements.map((answer) => latin1(toBinary(v1.ingestEvents.output, answer)));
    this.texts.set("IngestEvents", frames.join(""));
    const other = this.#client.call(v1.createEvent, { event: { ...event, message: "other" } });
    this.texts.set("a conflict", JSON.stringify(await refusalOf(other)));
  }

  get withSecret(): string[] {
    return [...this.texts].filter(([, text]) => text.includes(secret)).map(([name]) => name);
  }
}

/** Files of a folder that hold the secret. */
function filesWithSecret(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return paths.filter((path) => readFileSync(path).includes(secret));
}

function tokenHeaders(folder: string): Record<string, string> {
  return { authorization: `Bearer ${readFileSync(join(folder, "admin-token"), "utf8").trim()}` };
}

test("a redacted secret is in no answer, no stream, no line of the log and no file, nor after a restart", async () => {
  using folder = temporaryFolder();
  const environment = { STORE: "sqlite", DATA_DIR: folder.path, LOG_LEVEL: "trace" };
  {
    await using service = await startService(environment);
    const { client } = service;
    const headers = tokenHeaders(folder.path);
    const follower = client.stream(v1.streamEvents, { deploymentId, follow: true });
    const watcher = client.stream(v1.watchDeployments, {});
    await client.call(v1.createEvent, { event });
    // Deployments take turns, as when many roll out at once.
    for (let from = 1; from <= 600; from += 50) {
      for (const id of [deploymentId, "8", "9"]) {
        const events = newEvents(id, from + 49, { environment: "prod" }).slice(from - 1);
        await client.call(v1.batchCreateEvents, { deploymentId: id, events });
      }
    }
    await follower.until(({ frame }) => frame.case === "events" && frame.value.events.at(-1)?.sequence === 601n);
    const before = new Answers(client, headers);
    await before.readAll();
    expect([...before.texts.keys()].filter((name) => !before.withSecret.includes(name))).toEqual([]);
    expect(filesWithSecret(folder.path)).not.toEqual([]);

    await client.call(admin.redactEvent, { deploymentId, eventId, reason: "a password", allFields: true }, { headers });

    expect(filesWithSecret(folder.path)).toEqual([]);
    const after = new Answers(client, headers);
    await after.readAll();
    await after.retryAll();
    await client.call(v1.createEvent, { event: { deploymentId, eventId: "1001", message: "goes on" } });
    const followed = await follower.until(
      ({ frame }) => frame.case === "events" && frame.value.events.at(-1)?.sequence === 603n,
    );
    const watched = await watcher.until(
      ({ frame }) => frame.case === "deployments" && frame.value.deployments.at(-1)?.headSequence === 603n,
    );
    expect(after.withSecret).toEqual([]);
    expect(JSON.stringify(followed.map(({ frame }) => toText(v1.streamEvents, { frame })))).not.toContain(secret);
    expect(toText(v1.watchDeployments, watched.at(-1) ?? {})).not.toContain(secret);
    follower.cancel();
    watcher.cancel();

    service.process.kill("SIGTERM");
    await service.process.ended;
    expect(service.process.output.join("\n") + service.process.errors).not.toContain(secret);
    expect(service.process.log.map(({ code }) => code)).toContain("ADMIN_CALL");
  }
  await using service = await startService(environment);
  const again = new Answers(service.client, tokenHeaders(folder.path));
  await again.readAll();
  await again.retryAll();

  expect(again.withSecret).toEqual([]);
  expect(filesWithSecret(folder.path)).toEqual([]);
});

function toText<M extends DescMethodServerStreaming>(method: M, message: MessageInitShape<M["output"]>): string {
  return latin1(toBinary(method.output, create(method.output, message)));
}
