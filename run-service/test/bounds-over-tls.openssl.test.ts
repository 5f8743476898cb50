import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect } from "node:http2";
import type { Socket } from "node:net";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { CertificateAuthority } from "@activity-events/testing/certificate-authority";
import { grpcFrame, requestRaw } from "@activity-events/testing/raw-http2";
import { until } from "@activity-events/testing/until";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterAll, afterEach, beforeAll, expect, jest, test } from "@jest/globals";
import { type Certificates, checkCertificates, readCertificateFiles } from "../src/grpc/tls/certificate-files.ts";
import { limits } from "../src/limits.ts";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { newDeploymentId, newEvents } from "./new-event.ts";
import { sendMessage, UnreadConnection } from "./unread-connection.ts";

const { batchCreateEvents, createEvent, listEvents } = ActivityEventsService.method;

let authority: CertificateAuthority;
let certificates: Certificates;

beforeAll(async () => {
  authority = await CertificateAuthority.create();
  const { certificate, key } = await authority.server();
  const files = { certFile: certificate, keyFile: key, clientCaFile: undefined };
  certificates = checkCertificates(files, await readCertificateFiles(files));
});
afterAll(() => authority[Symbol.dispose]());
afterEach(() => {
  jest.restoreAllMocks();
});

function connectTo({ address }: EmbeddedService) {
  const session = connect(`https://localhost:${/\d+$/.exec(address)?.[0]}`, { ca: authority.certificate });
  return session.on("error", () => {});
}

test("a call of an unknown method is answered with its reason", async () => {
  await using service = await embedService({ certificates });
  const session = connectTo(service);

  const answer = await requestRaw(session, { path: "/no.such.Service/Call", body: [grpcFrame(new Uint8Array())] });
  session.destroy();

  expect(answer).toMatchObject({ httpStatus: 200, code: "UNIMPLEMENTED" });
  expect(answer.message).toContain("/no.such.Service/Call");
});

test("calls whose messages never end are bounded by the bytes that they announce, and give them back", async () => {
  await using service = await embedService({ certificates });
  const session = connectTo(service);
  const head = grpcFrame(new Uint8Array(10), { length: 3_000_000 });
  const open = Array.from({ length: 20 }, () => {
    const stream = session.request({
      ":method": "POST",
      ":path": methodPath(createEvent),
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.on("error", () => {}).write(head);
    return stream;
  });
  const [refused] = await Promise.race(open.map((stream) => once(stream, "response")));
  const held = service.budget.held;

  session.destroy();
  await until(() => service.budget.held === 0, "the bytes are given back");

  expect(refused).toMatchObject({ "grpc-status": "8" });
  expect(held).toBeGreaterThan(3_000_000);
  expect(held).toBeLessThanOrEqual(limits.connectionBytesMax);
});

test("a connection that reads nothing is ended after a minute", async () => {
  await using service = await embedService({ certificates });
  const deploymentId = newDeploymentId();
  const events = newEvents(deploymentId, 400, { message: "m".repeat(8_000) });
  for (let from = 0; from < events.length; from += 200) {
    await service.client.call(batchCreateEvents, { deploymentId, events: events.slice(from, from + 200) });
  }
  const connection = await UnreadConnection.open(service.address.replace("127.0.0.1", "localhost"), {
    ca: authority.certificate,
  });
  let refused = 0;
  for (let call = 0; call < 12; call += 1) {
    const stream = connection.call(listEvents);
    sendMessage(stream, toBinary(listEvents.input, create(listEvents.input, { deploymentId, pageSize: 1_000 })));
    stream.end();
    stream.on("response", (headers) => {
      if (headers["grpc-status"] === "8") refused += 1;
    });
  }
  await until(() => refused > 4, "more is refused");
  const wasOpen = connection.isOpen;

  const now = performance.now.bind(performance);
  jest.spyOn(performance, "now").mockImplementation(() => now() + limits.unreadAnswerTimeMs + 1);
  service.budget.endStuck();
  await until(() => !connection.isOpen, "it hears of its end");

  expect(wasOpen).toBe(true);
  await until(() => service.budget.held === 0, "the bytes are given back");
});

test("a connection that its client closes counts no more", async () => {
  const sockets: Socket[] = [];
  const see = (message: unknown) => {
    const { socket } = message as { readonly socket: Socket };
    sockets.push(socket);
  };
  subscribe("net.server.socket", see);
  await using service = await embedService({ certificates });
  const closed: string[] = [];

  for (const how of ["close", "destroy"] as const) {
    const session = connectTo(service);
    await requestRaw(session, { path: methodPath(createEvent), body: [grpcFrame(new Uint8Array())] });
    sockets.at(-1)?.once("close", () => closed.push(how));
    session[how]();
    await until(() => closed.includes(how), "the server's socket is closed");
  }
  unsubscribe("net.server.socket", see);

  expect(closed).toEqual(["close", "destroy"]);
});
