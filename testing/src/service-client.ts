import { methodDefinition, methodPath } from "@activity-events/proto/service-definition";
import {
  create,
  type DescMethod,
  type DescMethodBiDiStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type CallOptions, Client, type ClientOptions, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { MessageExchange } from "./message-exchange.ts";
import { MessageReader } from "./message-reader.ts";

interface ClientCallOptions {
  /** Time limit of a call that a test waits for, in ms. */
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A plain gRPC client with grpc-js' own settings, for every method of every service over one connection. */
export class ServiceClient {
  readonly #client: Client;

  constructor(address: string, options: ClientOptions = {}, security = credentials.createInsecure()) {
    // Not in the process's shared pool, so that each client has its own connection.
    this.#client = new Client(address, security, {
      "grpc.use_local_subchannel_pool": 1,
      ...options,
    });
  }

  /** Calls a unary method; rejects with grpc-js' ServiceError. */
  call<M extends DescMethodUnary>(
    method: M,
    request: MessageInitShape<M["input"]>,
    options: ClientCallOptions = {},
  ): Promise<MessageShape<M["output"]>> {
    const bytes = toBinary(method.input, create(method.input, request));
    return this.callBytes(method, bytes, options);
  }

  /** Calls a unary method with an encoded request, even if invalid. */
  async callBytes<M extends DescMethodUnary>(
    method: M,
    request: Uint8Array,
    options: ClientCallOptions = {},
  ): Promise<MessageShape<M["output"]>> {
    const answer = await this.callPath(methodPath(method), request, options);
    return fromBinary(method.output, answer) as MessageShape<M["output"]>;
  }

  /** Calls the unary method at a path, which may not exist. */
  callPath(path: string, request: Uint8Array, options: ClientCallOptions = {}): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes: Buffer) => bytes,
        request,
        metadataOf(options),
        callOptions(options),
        (error: ServiceError | null, answer?: Buffer) => {
          if (error !== null) reject(error);
          else resolve(answer ?? Buffer.alloc(0));
        },
      );
    });
  }

  /** Calls a server-streaming method. */
  stream<M extends DescMethodServerStreaming>(
    method: M,
    request: MessageInitShape<M["input"]>,
    options: ClientCallOptions = {},
  ): MessageReader<MessageShape<M["output"]>> {
    const { path, requestSerialize, responseDeserialize } = methodDefinition(method as DescMethod);
    const stream = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize as (bytes: Buffer) => MessageShape<M["output"]>,
      create(method.input, request),
      metadataOf(options),
      callOptions(options),
    );
    return new MessageReader(stream);
  }

  /** Calls the unary or server-streaming method at a path with an encoded request, even if invalid. */
  serverStreamOfPath(path: string, request: Uint8Array, options: ClientCallOptions = {}): MessageReader<Buffer> {
    const stream = this.#client.makeServerStreamRequest(
      path,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
      request,
      metadataOf(options),
      callOptions(options),
    );
    return new MessageReader(stream);
  }

  /** Calls a bidirectional method at a path with encoded messages, even if invalid. */
  duplex(path: string, requests: readonly Uint8Array[], options: ClientCallOptions = {}): MessageReader<Buffer> {
    const stream = this.#client.makeBidiStreamRequest(
      path,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
      metadataOf(options),
      callOptions(options),
    );
    for (const request of requests) stream.write(request);
    return new MessageReader(stream, () => stream.end());
  }

  /** Calls a bidirectional method. */
  bidi<M extends DescMethodBiDiStreaming>(method: M, options: ClientCallOptions = {}): MessageExchange<M> {
    const { path, requestSerialize, responseDeserialize } = methodDefinition(method as DescMethod);
    const stream = this.#client.makeBidiStreamRequest(
      path,
      (request: Uint8Array | MessageShape<M["input"]>) =>
        request instanceof Uint8Array ? Buffer.from(request) : requestSerialize(request),
      responseDeserialize as (bytes: Buffer) => MessageShape<M["output"]>,
      metadataOf(options),
      callOptions(options),
    );
    return new MessageExchange(method, stream);
  }

  close(): void {
    this.#client.close();
  }
}

function metadataOf({ headers = {} }: ClientCallOptions): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

function callOptions({ timeoutMs = 120_000 }: ClientCallOptions): CallOptions {
  return { deadline: Date.now() + timeoutMs };
}
