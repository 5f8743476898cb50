import { file_google_rpc_error_details } from "@activity-events/proto/google/rpc/error_details_pb.js";
import type { DescFile, DescService } from "@bufbuild/protobuf";
import { toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type {
  handleBidiStreamingCall,
  MethodDefinition,
  Server,
  ServerDuplexStream,
  ServiceDefinition,
} from "@grpc/grpc-js";

import { Refusal } from "../application/refusal.ts";
import { refusalOf } from "../application/refuse.ts";
import { statusOf } from "./status.ts";

type RawCall = ServerDuplexStream<Buffer, Buffer>;

interface Reflection {
  readonly definition: MethodDefinition<unknown, unknown>;
  readonly handle: handleBidiStreamingCall<unknown, unknown>;
}

const paths = ["v1", "v1alpha"].map((version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`);

/**
 * Adds server reflection of these services, v1 and v1alpha. The library behind it reads files and takes 50 ms to load,
 * so it is loaded at the first call.
 */
export function addReflection(server: Server, services: readonly DescService[]): void {
  let loaded: Promise<ReadonlyMap<string, Reflection>> | undefined;
  const raw = (bytes: Buffer) => bytes;
  for (const path of paths) {
    const definition: MethodDefinition<Buffer, Buffer> = {
      path,
      requestStream: true,
      responseStream: true,
      requestSerialize: raw,
      requestDeserialize: raw,
      responseSerialize: raw,
      responseDeserialize: raw,
    };
    const serve = async (call: RawCall) => {
      try {
        loaded ??= load(services);
        const reflection = (await loaded).get(path);
        if (reflection === undefined) throw new Error(`the reflection library does not serve ${path}`);
        reflection.handle(decoded(call, reflection.definition));
      } catch (error) {
        refuse(call, error);
      }
    };
    server.addService({ reflect: definition } as ServiceDefinition, { reflect: serve });
  }
}

async function load(services: readonly DescService[]): Promise<ReadonlyMap<string, Reflection>> {
  const { ReflectionService } = await import("@grpc/reflection");
  const fileDescriptorProtos = filesOf(services).map((file) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)),
  );
  const service = new ReflectionService({ all: { format: "files", type: {}, fileDescriptorProtos } } as never);
  const byPath = new Map<string, Reflection>();
  const collector = {
    addService: (methods: ServiceDefinition, handlers: Record<string, Reflection["handle"]>) => {
      for (const [name, definition] of Object.entries(methods)) {
        const handle = handlers[name];
        if (handle !== undefined) byPath.set(definition.path, { definition, handle });
      }
    },
  };
  service.addToServer(collector as never);
  return byPath;
}

function filesOf(services: readonly DescService[]): DescFile[] {
  const files = new Set<DescFile>();
  const add = (file: DescFile) => {
    for (const dependency of file.dependencies) add(dependency);
    files.add(file);
  };
  for (const { file } of services) add(file);
  // Named by no method, but a client wants to read the details of a refusal.
  add(file_google_rpc_error_details);
  return [...files];
}

// The call as the library wants it: decoded messages come in and go out. The first that cannot be decoded ends it.
function decoded(call: RawCall, { path, requestDeserialize, responseSerialize }: Reflection["definition"]) {
  const handle = (bytes: Buffer, listener: (request: unknown) => void) => {
    if (call.writableEnded) return;
    let request: unknown;
    try {
      request = requestDeserialize(bytes);
    } catch (cause) {
      const message = `the request is no encoded ServerReflectionRequest: ${(cause as Error).message}`;
      refuse(call, new Refusal("REQUEST_UNREADABLE", message, { metadata: { method: path }, cause }));
      return;
    }
    listener(request);
  };
  const view = {
    on: (event: string, listener: (...parameters: unknown[]) => void) => {
      if (event === "data") call.on("data", (bytes: Buffer) => handle(bytes, listener));
      else call.on(event, listener);
      return view;
    },
    write: (message: unknown) => {
      // A caller that does not read is not read from either.
      if (call.write(responseSerialize(message))) return true;
      call.pause();
      call.once("drain", () => call.resume());
      return false;
    },
    end: () => call.end(),
  };
  return view as unknown as ServerDuplexStream<unknown, unknown>;
}

function refuse(call: RawCall, error: unknown): void {
  call.emit("error", statusOf(refusalOf(error)));
}
