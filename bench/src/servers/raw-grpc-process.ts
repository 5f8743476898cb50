import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js";

// A grpc-js server that neither decodes nor stores anything: what no service on grpc-js can be faster than. Argument: its
// port.

let echoed = 0;
const server = new Server();
unary(methodPath(ActivityEventsService.method.createEvent), ({ request }, answer) => {
  echoed += 1;
  answer(null, request);
});
unary("/bench/Count", (_call, answer) => answer(null, Buffer.from(`${echoed}`)));
server.bindAsync(`127.0.0.1:${process.argv[2]}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});

function unary(path: string, handler: handleUnaryCall<Buffer, Buffer>): void {
  const asIs = (bytes: Buffer) => bytes;
  const definition = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  } as const;
  server.addService({ [path]: definition }, { [path]: handler });
}
