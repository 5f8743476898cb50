import { createHash } from "node:crypto";
import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import {
  ActivityEventsAdminService,
  type ExportRecordSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import {
  ActivityEventsService,
  type IngestEventsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { ServiceClient } from "@activity-events/testing/service-client";
import { startIssuer, type TokenIssuer } from "@activity-events/testing/token-issuer";
import { create, type DescMethod, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type ServiceError, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { methodPermissions } from "../src/grpc/access/method-permissions.ts";
import { type GuardedService, startGuarded } from "./guarded-service.ts";
import { readRefusal } from "./read-refusal.ts";

const v1 = ActivityEventsService.method;
const admin = ActivityEventsAdminService.method;
const old = ActivityEvents.method;

/** A method, and a request about a deployment. */
interface Row<M extends DescMethod = DescMethod> {
  readonly method: M;
  readonly request: (deploymentId: string, n: number) => MessageInitShape<M["input"]>;
  readonly asks: "read" | "write" | "admin" | "nothing";
  /** True if the caller of another deployment gets an answer without it instead of a refusal. */
  readonly isListing?: true;
  /** True if only those may do it who may do it to all deployments. */
  readonly isOfAll?: true;
  /** What whoever may do it is answered; undefined: OK. */
  readonly answer?: string;
}

function row<M extends DescMethod>(
  method: M,
  asks: Row["asks"],
  request: Row<M>["request"],
  more: Pick<Row, "isListing" | "isOfAll" | "answer"> = {},
): Row {
  return { method, asks, request, ...more } as unknown as Row;
}

const event = (deploymentId: string, n: number) => ({ deploymentId, eventId: `e-${n}`, message: "m" });
/** An export of nothing. */
const exported: MessageInitShape<typeof ExportRecordSchema>[] = [
  { record: { case: "header", value: { formatVersion: 1 } } },
  { record: { case: "end", value: {} } },
];
const rows: readonly Row[] = [
  row(v1.createEvent, "write", (id, n) => ({ event: event(id, n) })),
  row(v1.batchCreateEvents, "write", (deploymentId, n) => ({ deploymentId, events: [event(deploymentId, n)] })),
  row(v1.ingestEvents, "write", (id, n) => ({ events: [event(id, n)] })),
  row(v1.getEvent, "read", (deploymentId) => ({ deploymentId, eventId: "first" })),
  row(v1.listEvents, "read", (deploymentId) => ({ deploymentId })),
  row(v1.streamEvents, "read", (deploymentId) => ({ deploymentId })),
  row(v1.getDeployment, "read", (deploymentId) => ({ deploymentId })),
  row(v1.listDeployments, "read", () => ({}), { isListing: true }),
  row(v1.watchDeployments, "read", () => ({}), { isListing: true }),
  row(admin.redactEvent, "admin", (deploymentId) => ({ deploymentId, eventId: "first", dryRun: true })),
  row(admin.deleteDeployment, "admin", (deploymentId) => ({ deploymentId, dryRun: true })),
  row(admin.undeleteDeployment, "admin", (deploymentId) => ({ deploymentId, dryRun: true })),
  row(admin.purgeDeployment, "admin", (deploymentId) => ({ deploymentId, dryRun: true })),
  row(admin.replayEvents, "admin", (deploymentId) => ({ deploymentId, dryRun: true }), {
    answer: "FAILED_PRECONDITION NO_MIRROR",
  }),
  row(admin.expireDeployments, "admin", () => ({ dryRun: true }), { isListing: true }),
  row(admin.exportEvents, "admin", () => ({}), { isOfAll: true }),
  row(admin.importEvents, "admin", () => ({ records: exported, dryRun: true }), { isOfAll: true }),
  row(old.createEvent, "write", (id, n) => ({ id: n, message: "m", deploymentId: Number(id) })),
  row(old.listEvents, "read", (id) => ({ id: Number(id) })),
  row(Health.method.check, "nothing", () => ({})),
  row(Health.method.list, "nothing", () => ({})),
  row(Health.method.watch, "nothing", () => ({})),
];

const roles = {
  reader: ["read"],
  writer: ["write"],
  editor: ["read", "write"],
  admin: ["read", "write", "admin"],
  none: [],
} as const satisfies Record<string, readonly string[]>;
type Role = keyof typeof roles;
const kinds = ["static token", "issuer's token", "nobody"] as const;

/** Deployments within and beyond the prefix, each a number so that the ancestor's clients can name them; and one that is not there. */
const [within, beyond, unknown] = ["71", "82", "83"];

let issuer: TokenIssuer;
let service: GuardedService;
beforeAll(async () => {
  issuer = await startIssuer();
  const names = Object.keys(roles).filter((role) => role !== "none");
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  service = await startGuarded(`
issuers:
  - {issuer: "${issuer.url}", audience: "https://activity.example", domains: [acme.example]}
tokens:
${["none", "root", ...names].map((name) => `  - {name: ${name}, sha256: ${hash(`token-${name}`)}}`).join("\n")}
bindings:
  - {role: admin, members: [token:root]}
${names.map((name) => `  - {role: ${name}, members: [token:${name}, user:${name}@acme.example], prefixes: ["7"]}`).join("\n")}
`);
  for (const deploymentId of [within, beyond]) {
    const stored = { event: { deploymentId, eventId: "first", message: "secret" } };
    await service.client.call(v1.createEvent, stored, { headers: { authorization: "Bearer token-root" } });
  }
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

async function headersOf(kind: (typeof kinds)[number], role: Role): Promise<Record<string, string>> {
  switch (kind) {
    case "static token":
      return { authorization: `Bearer token-${role}` };
    case "issuer's token": {
      const claims = { email: `${role}@acme.example`, email_verified: true };
      return { authorization: `Bearer ${await issuer.token({ claims })}` };
    }
    case "nobody":
      return {};
  }
}

let made = 10;
/** Calls the method, and returns the name of the status that its call, or the acknowledgement of its event, ended with. */
async function outcomeOf({ method, request }: Row, deploymentId: string, headers: Record<string, string>) {
  made += 1;
  const init = request(deploymentId, made);
  const client = new ServiceClient(service.address);
  try {
    if (method.methodKind === "unary") {
      await client.callPath(methodPath(method), toBinary(method.input, create(method.input, init)), { headers });
      return "OK";
    }
    if (method.methodKind === "server_streaming") {
      // The first frame of a watch proves that it is open.
      const bytes = toBinary(method.input, create(method.input, init));
      const reader = client.serverStreamOfPath(methodPath(method), bytes, { headers });
      await reader.next();
      reader.cancel();
      return "OK";
    }
    if (method === admin.importEvents) {
      const exchange = client.bidi(admin.importEvents, { headers });
      exchange.send(init as never);
      exchange.finish();
      await exchange.rest();
      return "OK";
    }
    const exchange = client.bidi(v1.ingestEvents, { headers });
    exchange.send(init as never);
    const { frame } = (await exchange.until(({ frame }) => frame.case === "acknowledgements")).at(
      -1,
    ) as IngestEventsResponse;
    exchange.cancel();
    return `${status[frame.case === "acknowledgements" ? (frame.value.acknowledgements[0]?.status?.code ?? 0) : -1]}`;
  } catch (error) {
    const { reason } = readRefusal(error as ServiceError);
    return reason === undefined
      ? `${status[(error as ServiceError).code]}`
      : `${status[(error as ServiceError).code]} ${reason}`;
  } finally {
    client.close();
  }
}

test("every method that is served has a row here", () => {
  const served = [...methodPermissions.keys()].filter(
    (path) => !path.startsWith("/grpc.reflection") && path !== "/unknown",
  );

  expect(rows.map(({ method }) => methodPath(method)).sort()).toEqual(served.sort());
});

describe.each(rows.map((each) => [methodPath(each.method), each] as const))("%s", (_, each) => {
  const cases = kinds.flatMap((kind) => (Object.keys(roles) as Role[]).map((role) => [kind, role] as const));
  const isForNobody = (kind: string, role: Role) => kind === "nobody" && role !== "none";

  test.each(cases.filter(([kind, role]) => !isForNobody(kind, role)))("called with %s by %s", async (kind, role) => {
    const headers = await headersOf(kind, role);
    const may = (roles[role] as readonly string[]).includes(each.asks);
    const [inside, outside, absent] = await Promise.all(
      [within, beyond, unknown].map((deploymentId) => outcomeOf(each, deploymentId, headers)),
    );

    if (each.asks === "nothing") expect([inside, outside, absent]).toEqual(["OK", "OK", "OK"]);
    else if (kind === "nobody") {
      expect([inside, outside, absent]).toEqual(Array(3).fill("UNAUTHENTICATED CREDENTIALS_MISSING"));
    } else if (!may) expect([inside, outside, absent]).toEqual(Array(3).fill("PERMISSION_DENIED PERMISSION_DENIED"));
    else if (each.isOfAll) {
      const root = await outcomeOf(each, within, { authorization: "Bearer token-root" });
      expect([inside, outside, absent]).toEqual(Array(3).fill("PERMISSION_DENIED PERMISSION_DENIED"));
      expect(root).toBe("OK");
    } else if (each.isListing) expect([inside, outside, absent]).toEqual(["OK", "OK", "OK"]);
    else {
      expect(inside).toBe(each.answer ?? "OK");
      // The same, whether the deployment exists or not.
      const denied = each.method === v1.ingestEvents ? "PERMISSION_DENIED" : "PERMISSION_DENIED PERMISSION_DENIED";
      expect([outside, absent]).toEqual([denied, denied]);
    }
  });
});
