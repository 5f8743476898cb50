import { type ClientDuplexStream, credentials, Client as GrpcClient, Metadata } from "@grpc/grpc-js";

const asIs = (bytes: Buffer) => bytes;

/** A channel with its own connection. */
export interface RawChannel {
  readonly client: GrpcClient;
  /** Token that each call brings. */
  readonly token: string | undefined;
  close(): void;
}

/** Opens a channel with its own connection. */
export function openRawChannel(address: string, token?: string): RawChannel {
  const client = new GrpcClient(address, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_http_proxy": 0,
    "grpc.service_config_disable_resolution": 1,
  });
  return { client, token, close: () => client.close() };
}

/** Makes a unary call with encoded messages, for only the cost of grpc-js itself. */
export function rawUnary(channel: RawChannel, path: string, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    channel.client.makeUnaryRequest(path, asIs, asIs, request, metadataOf(channel), {}, (error, response) => {
      if (error) reject(error);
      else resolve(response as Buffer);
    });
  });
}

/** Reads a server stream of encoded messages to its end at full speed. */
export function rawServerStream(
  channel: RawChannel,
  path: string,
  request: Buffer,
  onMessage: (message: Buffer) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = channel.client.makeServerStreamRequest(path, asIs, asIs, request, metadataOf(channel), {});
    call.on("data", onMessage);
    call.once("end", resolve);
    call.once("error", reject);
  });
}

/** Opens a bidirectional stream of encoded messages. */
export function rawBidiStream(channel: RawChannel, path: string): ClientDuplexStream<Buffer, Buffer> {
  return channel.client.makeBidiStreamRequest(path, asIs, asIs, metadataOf(channel), {});
}

function metadataOf({ token }: RawChannel): Metadata {
  const metadata = new Metadata({ waitForReady: true });
  if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
  return metadata;
}
