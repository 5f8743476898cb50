import { type Client, type ClientDuplexStream, credentials, Client as GrpcClient, Metadata } from "@grpc/grpc-js";

const asIs = (bytes: Buffer) => bytes;

/** Opens a channel with its own connection. */
export function openRawChannel(address: string): Client {
  return new GrpcClient(address, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_http_proxy": 0,
    "grpc.service_config_disable_resolution": 1,
  });
}

/** Makes a unary call with encoded messages, for only the cost of grpc-js itself. */
export function rawUnary(channel: Client, path: string, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    channel.makeUnaryRequest(path, asIs, asIs, request, new Metadata({ waitForReady: true }), {}, (error, response) => {
      if (error) reject(error);
      else resolve(response as Buffer);
    });
  });
}

/** Reads a server stream of encoded messages to its end at full speed. */
export function rawServerStream(
  channel: Client,
  path: string,
  request: Buffer,
  onMessage: (message: Buffer) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = channel.makeServerStreamRequest(path, asIs, asIs, request, new Metadata({ waitForReady: true }), {});
    call.on("data", onMessage);
    call.once("end", resolve);
    call.once("error", reject);
  });
}

/** Opens a bidirectional stream of encoded messages. */
export function rawBidiStream(channel: Client, path: string): ClientDuplexStream<Buffer, Buffer> {
  return channel.makeBidiStreamRequest(path, asIs, asIs, new Metadata({ waitForReady: true }), {});
}
