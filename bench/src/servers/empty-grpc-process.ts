import { Server, ServerCredentials } from "@grpc/grpc-js";

// A grpc-js server with only a health service that answers SERVING, for bundling: the lower bound of any start on
// grpc-js. Argument: its port.

const asIs = (bytes: Buffer) => bytes;
const path = "/grpc.health.v1.Health/Check";
const server = new Server();
server.addService(
  {
    [path]: {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  },
  // HealthCheckResponse{status: SERVING}, encoded.
  { [path]: (_call: unknown, answer: (error: null, response: Buffer) => void) => answer(null, Buffer.from([8, 1])) },
);
server.bindAsync(`127.0.0.1:${process.argv[2]}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
