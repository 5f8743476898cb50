import { once } from "node:events";
import { connect, createServer, type IncomingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { expect, test } from "@jest/globals";
import { CallHeaders } from "../src/grpc/server/call-headers.ts";

const known = { ":method": "POST", ":path": "/activityevents.v1.ActivityEventsService/CreateEvent" };

/** The headers that a server gets which is told by `CallHeaders`, or is not. */
async function headersOf(sent: Record<string, string>, isOurs = true): Promise<IncomingHttpHeaders> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  using _ = new CallHeaders(isOurs ? port : port + 1);
  const client = connect(`http://127.0.0.1:${port}`);
  const arrived = once(server, "stream");
  const call = client.request({ ...known, ...sent });
  const [stream, headers] = await arrived;
  stream.respond({ ":status": 200 }, { endStream: true });
  call.resume();
  await once(call, "close");
  client.close();
  server.close();
  return headers;
}

const few = { "x-request-id": "7", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
const many = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`x-${index}`, "v".repeat(4_000)]));

test("few and small headers stay as they are", async () => {
  expect(await headersOf(few)).toMatchObject({ ...known, ...few });
});

test("what is large, or one of many, is taken away where nobody reads it", async () => {
  const headers = await headersOf({ ...few, ...many, "x-short": "v" });

  expect(headers).toMatchObject({ ...known, traceparent: few.traceparent });
  expect(Object.keys(headers).filter((name) => name.startsWith("x-"))).toEqual([]);
});

test("a value that is large is taken away though it is the only one", async () => {
  const headers = await headersOf({ ...few, traceparent: "0".repeat(60_000) });

  expect(headers.traceparent).toBeUndefined();
  expect(headers["x-request-id"]).toBe("7");
});

test("the headers of other servers of the process are left alone", async () => {
  expect(await headersOf(many, false)).toMatchObject(many);
});
