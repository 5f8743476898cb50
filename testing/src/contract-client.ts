import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodDefinition } from "@activity-events/proto/service-definition";
import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { type ChannelOptions, Client, type ClientReadableStream, credentials, Metadata } from "@grpc/grpc-js";

const options: ChannelOptions = {
  // Otherwise channels to one address share a connection.
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_http_proxy": 0,
  "grpc.service_config_disable_resolution": 1,
  // A killed service is back within a second.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 200,
};

/** Methods of activityevents.v1, for `call` and `read`. */
export const { method: methods } = ActivityEventsService;

const clients = new Set<Client>();

/** Opens a channel with its own connection and grpc-js' default limits. */
export function connect(address: string): Client {
  const client = new Client(address, credentials.createInsecure(), options);
  clients.add(client);
  return client;
}

/** Closes all channels opened here; for afterEach. */
export function disconnectAll(): void {
  for (const client of clients) client.close();
  clients.clear();
}

/** Makes one unary call; rejects with grpc-js' ServiceError. With `waitForReady` it waits for the service to start. */
export function call<Input extends DescMessage, Output extends DescMessage>(
  client: Client,
  method: DescMethodUnary<Input, Output>,
  request: MessageInitShape<Input>,
  { timeoutMs = 120_000, waitForReady = false } = {},
): Promise<MessageShape<Output>> {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest<Message, Message>(
      path,
      requestSerialize,
      responseDeserialize,
      create(method.input, request),
      new Metadata({ waitForReady }),
      { deadline: Date.now() + timeoutMs },
      (error, response) => {
        if (error) reject(error);
        else resolve(response as MessageShape<Output>);
      },
    );
  });
}

/** Sends raw bytes to a method and returns the raw answer. */
export function callRaw(
  client: Client,
  path: string,
  request: Uint8Array,
  { timeoutMs = 120_000 } = {},
): Promise<Buffer> {
  const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest<Uint8Array, Buffer>(
      path,
      asBuffer,
      (bytes) => bytes,
      request,
      new Metadata(),
      { deadline: Date.now() + timeoutMs },
      (error, response) => {
        if (error) reject(error);
        else resolve(response as Buffer);
      },
    );
  });
}

/** Opens a server-streaming call. */
export function read<Input extends DescMessage, Output extends DescMessage>(
  client: Client,
  method: DescMethodServerStreaming<Input, Output>,
  request: MessageInitShape<Input>,
): ClientReadableStream<MessageShape<Output>> {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  return client.makeServerStreamRequest<Message, Message>(
    path,
    requestSerialize,
    responseDeserialize,
    create(method.input, request),
  ) as ClientReadableStream<MessageShape<Output>>;
}
