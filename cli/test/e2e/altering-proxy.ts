import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import type { DescMessage, DescMethod, MessageShape } from "@bufbuild/protobuf";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  Client,
  credentials,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
} from "@grpc/grpc-js";

/** Changes an answer of one method, or throws a `ServiceError` in its place; a promise may never settle. */
export type Alter = (answer: Buffer, request: Buffer) => Uint8Array | Promise<Uint8Array>;

/** A way to a service that answers some methods otherwise, byte for byte as the test wants. */
export interface AlteringProxy extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** By the method's name, such as `ListEvents`; may be changed at any time. */
  readonly alterations: Record<string, Alter | undefined>;
}

const asIs = (bytes: Buffer) => bytes;

/** Opens one in front of a service. */
export async function openAlteringProxy(target: string): Promise<AlteringProxy> {
  const alterations: AlteringProxy["alterations"] = {};
  const behind = new Client(target, credentials.createInsecure());
  const server = new Server();
  for (const methods of [ActivityEventsService.methods, Health.methods]) {
    for (const method of methods) {
      if (method.methodKind === "unary") forward(method);
    }
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    alterations,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
      behind.close();
    },
  };

  function forward(method: DescMethod): void {
    const path = methodPath(method);
    const handle: handleUnaryCall<Buffer, Buffer> = ({ request }, answer) => {
      behind.makeUnaryRequest<Buffer, Buffer>(path, asIs, asIs, request, new Metadata(), {}, (error, bytes) => {
        const alter = alterations[method.name] ?? asIs;
        if (error !== null) return answer(error);
        Promise.resolve(bytes ?? Buffer.alloc(0))
          .then((whole) => alter(whole, request))
          .then(
            (altered) => answer(null, Buffer.from(altered)),
            (refusal: ServiceError) => answer(refusal),
          );
      });
    };
    server.register(path, handle, asIs, asIs, "unary");
  }
}

/** An alteration of an answer in its decoded form. */
export function edited<Schema extends DescMessage>(
  schema: Schema,
  edit: (message: MessageShape<Schema>) => void,
): Alter {
  return (answer) => {
    const message = fromBinary(schema, answer);
    edit(message);
    return toBinary(schema, message);
  };
}
