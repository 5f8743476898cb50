import { once } from "node:events";
import { readFileSync } from "node:fs";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { Server, ServerCredentials, type ServerWritableStream, type UntypedHandleCall } from "@grpc/grpc-js";

// A grpc-js server that neither decodes nor stores anything: the upper bound of any service on grpc-js. Arguments: its
// port, and the file with the messages to stream, a JSON list in Base64.

const [port, framesFile] = process.argv.slice(2);
const frames: Buffer[] = framesFile
  ? JSON.parse(readFileSync(framesFile, "utf8")).map((frame: string) => Buffer.from(frame, "base64"))
  : [];
const { createEvent, streamEvents } = ActivityEventsService.method;
let echoed = 0;

const server = new Server();
serve(methodPath(createEvent), false, (({ request }, answer) => {
  echoed += 1;
  answer(null, request);
}) satisfies UnaryHandler);
serve("/bench/Count", false, ((_call, answer) => answer(null, Buffer.from(`${echoed}`))) satisfies UnaryHandler);
serve(methodPath(streamEvents), true, async (call: ServerWritableStream<Buffer, Buffer>) => {
  for (const frame of frames) if (!call.write(frame)) await once(call, "drain");
  call.end();
});
server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});

type UnaryHandler = (call: { request: Buffer }, answer: (error: null, response: Buffer) => void) => void;

function serve(path: string, responseStream: boolean, handler: UntypedHandleCall): void {
  const asIs = (bytes: Buffer) => bytes;
  const definition = {
    path,
    requestStream: false,
    responseStream,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  server.addService({ [path]: definition }, { [path]: handler });
}
