import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { methodDefinition } from "@activity-events/proto/service-definition";
import { create } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerWritableStream, type sendUnaryData, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { withoutTimes } from "../ancestor/recorded-calls.ts";
import { runInProcess } from "../ancestor/run-in-process.ts";

const refusals = [
  { code: status.NOT_FOUND, details: "plain" },
  { code: status.INTERNAL, details: "ctrl \x1b[31m \n line\ttab" },
  { code: status.UNKNOWN, details: "ünï \u2028 \u202e 😀" },
  { code: status.CANCELLED, details: "" },
  // What grpc-js says where nobody answers, from a server that does.
  { code: status.UNAVAILABLE, details: "connect ECONNREFUSED 127.0.0.1:1" },
];

// As the ancestor's client wrote them in a pipe. On a terminal it writes control characters as they are; ours escapes them.
const written = [
  "NotFound desc = plain",
  String.raw`Internal desc = ctrl \x1b[31m \n line\ttab`,
  String.raw`Unknown desc = ünï \u2028 \u202e 😀`,
  "Canceled desc = ",
  "Unavailable desc = connect ECONNREFUSED 127.0.0.1:1",
];

const { output: EventSchema } = ActivityEvents.method.listEvents;
const server = new Server();
let port: string;

beforeAll(async () => {
  const methods = ActivityEvents.methods.map((method) => [method.localName, methodDefinition(method)]);
  server.addService(Object.fromEntries(methods), {
    createEvent: ({ request }: { request: { id: number } }, answer: sendUnaryData<unknown>) =>
      answer({ ...refusals[request.id] }),
    listEvents: (call: ServerWritableStream<{ id: number }, unknown>) => {
      call.write(create(EventSchema, { id: 1, message: "x" }));
      call.write(create(EventSchema, {}));
      call.write(create(EventSchema, { timestamp: {} }));
      call.emit("error", refusals[call.request.id]);
    },
  });
  const bound = Promise.withResolvers<number>();
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, number) =>
    error === null ? bound.resolve(number) : bound.reject(error),
  );
  port = `${await bound.promise}`;
});
afterAll(() => server.forceShutdown());

test.each([0, 1, 2, 3, 4])("tells refusal %i of an event as the ancestor does", async (id) => {
  const args = ["-port", port, "-add", `{"id":${id}}`];

  const [piped, shown] = [await runInProcess(args), await runInProcess(args, { isTerminal: true })];

  const text = `Could not create Event: rpc error: code = ${written[id]}`;
  expect(withoutTimes(piped.errors)).toBe(`time="T" level=fatal msg="${text}"\n`);
  expect(withoutTimes(shown.errors)).toBe(`\x1b[31mFATA\x1b[0m[0000] ${text} \n`);
  expect([piped.exitCode, shown.exitCode]).toEqual([1, 1]);
});

test.each([1, 2, 3, 4])("tells refusal %i of a list as the ancestor does, after the events that came", async (id) => {
  const { exitCode, errors } = await runInProcess(["-port", port, "-deployment", `${id}`]);

  expect(exitCode).toBe(1);
  expect(withoutTimes(errors).split("\n")).toEqual([
    String.raw`time="T" level=info msg="Event: id:1 message:\"x\" "`,
    'time="T" level=info msg="Event: "',
    'time="T" level=info msg="Event: timestamp:<> "',
    `time="T" level=fatal msg="&{0xN}.ListEvents(_) = _, rpc error: code = ${written[id]}"`,
    "",
  ]);
});
