import { protos } from "@google-cloud/pubsub";
import { Client, credentials, Server, ServerCredentials, type ServiceError, status } from "@grpc/grpc-js";

type Message = protos.google.pubsub.v1.IPubsubMessage;
const { PublishRequest } = protos.google.pubsub.v1;
const path = "/google.pubsub.v1.Publisher/Publish";
const raw = (bytes: Buffer) => bytes;

/** What the platform refuses in a message, and the emulator does not. Source: Pub/Sub's quotas, resource limits. */
function isRefused({ attributes, data }: Message): boolean {
  const all = Object.entries(attributes ?? {});
  return (
    all.length > 100 ||
    all.some(([name, value]) => Buffer.byteLength(name) > 256 || Buffer.byteLength(value) > 1_024) ||
    (all.length === 0 && (data?.length ?? 0) === 0)
  );
}

/** Stands before the emulator, takes publish requests, and refuses what the platform would refuse. */
export interface StrictPubsub {
  /** `host:port`, to be used as the endpoint. */
  readonly address: string;
  /** Publish requests that were refused. */
  refused: number;
  /** The answers of so many requests to come are lost, though the emulator takes their messages. */
  answersToLose: number;
  close(): void;
}

export async function openStrictPubsub(emulator: string): Promise<StrictPubsub> {
  const client = new Client(emulator, credentials.createInsecure());
  const server = new Server();
  const definition = {
    path,
    requestStream: false as const,
    responseStream: false as const,
    requestSerialize: raw,
    requestDeserialize: raw,
    responseSerialize: raw,
    responseDeserialize: raw,
  };
  server.addService(
    { publish: definition },
    {
      publish: (
        { request }: { request: Buffer },
        answer: (error: Partial<ServiceError> | null, bytes?: Buffer) => void,
      ) => {
        if (PublishRequest.decode(request).messages.some(isRefused)) {
          strict.refused += 1;
          return answer({ code: status.INVALID_ARGUMENT, details: "a message is too large in one of its parts" });
        }
        client.makeUnaryRequest(path, raw, raw, request, (error, bytes) => {
          if (error === null && strict.answersToLose > 0) {
            strict.answersToLose -= 1;
            return answer({ code: status.UNAVAILABLE, details: "the answer was lost" });
          }
          answer(error, bytes);
        });
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const strict: StrictPubsub = {
    address: `127.0.0.1:${port}`,
    refused: 0,
    answersToLose: 0,
    close: () => {
      server.forceShutdown();
      client.close();
    },
  };
  return strict;
}
